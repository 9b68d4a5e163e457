using System.Text.Json.Serialization;

namespace Portal.Runner.Contract;

/// <summary>What is kept of inputs and answers; each keeps more than the one before it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunKeeping>))]
public enum RunKeeping
{
    /// <summary>Nothing: only who, when, which model, how long and what it cost.</summary>
    Off,

    /// <summary>All but addresses, keys, card numbers and the values of secret variables.</summary>
    Redacted,

    /// <summary>All but media, of which only hash and size are kept.</summary>
    Full,
}
