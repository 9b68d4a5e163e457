using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;

namespace Portal.Runner.Engine;

/// <summary>What a model can do, as far as its <c>info.supports</c> says; what it does not mention is taken to work.</summary>
internal sealed class ModelSupport(JsonNode? info)
{
    private readonly JsonObject? _supports = (info as JsonObject)?["supports"] as JsonObject;

    /// <summary>Of the default model; of any other nothing is known.</summary>
    public static ModelSupport Of(ModelChoice choice, RuntimeConfig runtime) => new(
        runtime.DefaultModel is { } model && string.Equals(model.Provider, choice.Provider.Name, StringComparison.OrdinalIgnoreCase) && model.Model == choice.Model ? model.Info : null);

    public bool CanConstrain(bool withTools) => _supports?["constrained"]?.ToString() switch
    {
        "none" => false,
        "no-tools" => !withTools,
        _ => true,
    };

    /// <summary>The messages in a form the model takes: without system messages where it knows none.</summary>
    /// <exception cref="GenkitException">They need what the model cannot do.</exception>
    public IReadOnlyList<Message> Require(IReadOnlyList<Message> messages, bool withTools, string model)
    {
        Check("tools", !withTools, "the prompt uses tools");
        Check("media", !messages.Any(static message => message.Content.Any(static part => part is MediaPart)), "the prompt holds media");
        Check("multiturn", messages.Count(static message => message.Role == "user") < 2, "there is a conversation before the prompt");
        return Lacks("systemRole") ? [.. messages.SelectMany(WithoutSystem)] : messages;

        void Check(string ability, bool isNotNeeded, string why)
        {
            if (!isNotNeeded && Lacks(ability))
            {
                throw new GenkitException(GenkitStatus.InvalidArgument, $"Model \"{model}\" does not support {ability} (info.supports.{ability} is false), and {why}.");
            }
        }
    }

    private bool Lacks(string ability) => _supports?[ability] is JsonValue value && value.TryGetValue<bool>(out var flag) && !flag;

    /// <summary>As Genkit does it: the user gives the instructions, and the model agrees.</summary>
    private static IEnumerable<Message> WithoutSystem(Message message) => message.Role != "system"
        ? [message]
        : [new Message("user", [new TextPart("SYSTEM INSTRUCTIONS:\n"), .. message.Content]), new Message("model", [new TextPart("Understood.")])];
}
