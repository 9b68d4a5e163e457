using Portal.Kubernetes.Objects;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>
/// What pods read now, for when something better cannot be had: a prompt that has become invalid keeps its last valid text. That text is in the
/// ConfigMaps and nowhere else, so it is read from the server.
/// </summary>
internal sealed class LastGood(FlowChildren children)
{
    /// <summary>The inputs, with the last valid text of each prompt that is not valid now and has one.</summary>
    /// <param name="owner">The Flow or FlowSet.</param>
    /// <param name="inputs">As they are written.</param>
    /// <param name="configMap">Where its prompts are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is held back, if anything is.</returns>
    public async Task<(FlowInputs Inputs, Problem? Held)> HoldAsync(ChildOwner owner, FlowInputs inputs, string configMap, CancellationToken cancellationToken)
    {
        if (inputs.Prompts.All(prompt => PromptFaults.Find(prompt, []) is null) || await FilesAsync(owner, configMap, cancellationToken).ConfigureAwait(false) is not { } files)
        {
            return (inputs, null);
        }

        Problem? held = null;
        var prompts = new List<PromptSource>();
        foreach (var prompt in inputs.Prompts)
        {
            var before = prompt with { Content = files.GetValueOrDefault(prompt.Name + RuntimeLayout.PromptExtension, prompt.Content) };
            var fault = before == prompt || PromptFaults.Find(before, []) is not null ? null : PromptFaults.Find(prompt, []);
            held ??= fault is null ? null : Keeping(fault with { Message = $"{fault.Message}; its last valid text is served" }, "its last valid text");
            prompts.Add(fault is null ? prompt : before);
        }

        return (inputs with { Prompts = prompts }, held);
    }

    /// <summary>The problem, saying what callers get meanwhile.</summary>
    public static Problem Keeping(Problem problem, string what) => problem with { Trail = $"{problem.Trail ?? problem.Message}; {what} is served" };

    /// <summary>The files of one of the owner's ConfigMaps, in ordinal order; null when it has none of that name.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> FilesAsync(ChildOwner owner, string configMap, CancellationToken cancellationToken) =>
        await children.FindOwnAsync(owner, BuiltIn.ConfigMap, configMap, cancellationToken).ConfigureAwait(false) is { } found
            ? new SortedDictionary<string, string>((found.Json["data"] as JsonObject ?? []).ToDictionary(file => file.Key, file => file.Value?.ToString() ?? ""), StringComparer.Ordinal)
            : null;
}
