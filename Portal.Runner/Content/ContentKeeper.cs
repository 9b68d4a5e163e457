using Portal.Runner.Contract;
using Portal.Runner.Flows;

namespace Portal.Runner.Content;

/// <summary>
/// Notes of calls what the policy lets leave the runner. What the portal said last holds for ten minutes without news; then nothing is kept, as before its first
/// word. Thread-safe; what is not kept is not looked at.
/// </summary>
internal sealed class ContentKeeper(TimeProvider timeProvider)
{
    /// <summary>How long the portal's last word holds.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromMinutes(10);

    private static readonly ContentPolicy s_off = new();

    private sealed record Word(ContentPolicy Policy, long At);

    private volatile Word? _last;

    /// <param name="policy">What the portal says now; null when it says nothing of it.</param>
    public void Hear(ContentPolicy? policy) => _last = new Word(policy ?? s_off, timeProvider.GetTimestamp());

    /// <summary>The portal said that nothing has changed.</summary>
    public void HearAgain()
    {
        if (_last is { } last)
        {
            _last = last with { At = timeProvider.GetTimestamp() };
        }
    }

    /// <summary>Null when nothing of the call is to be kept.</summary>
    /// <param name="callId">Decides with the policy whether the call is in the sample.</param>
    /// <param name="schema">JSON Schema of the input; null when there is none.</param>
    /// <param name="input">What it was called with.</param>
    /// <param name="output">Gives the answer, a text or JSON; null when there is none.</param>
    /// <param name="error">Why it failed.</param>
    public CallWords? Note(string callId, JsonObject? schema, FlowInput input, Func<JsonNode?>? output, string? error) =>
        _last is { } last && last.Policy.KeepingOf(callId) is not RunKeeping.Off and var keeping && timeProvider.GetElapsedTime(last.At) <= Trust
            ? new CallWords(keeping, ContentRedaction.SecretNames(last.Policy.SecretVariables, schema), input, output?.Invoke(), error)
            : null;
}
