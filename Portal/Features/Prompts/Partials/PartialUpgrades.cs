using Portal.Auth;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;
using Portal.Features.Playground;
using Portal.Features.Releases;
using Portal.Features.Releases.States;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts.Partials;

/// <summary>A published prompt that uses a partial.</summary>
/// <param name="Revisions">The revisions it is pinned to, lowest first; none when it only follows.</param>
/// <param name="Flows">Flows that serve it.</param>
public sealed record PartialUse(string Prompt, IReadOnlyList<int> Revisions, IReadOnlyList<string> Flows);

/// <summary>Who uses a partial, and one release that brings them all to another revision.</summary>
public sealed class PartialUpgrades(PartialLibrary library, PromptCatalog catalog, ReleaseDesk desk)
{
    /// <summary>Published prompts that pin it, by name.</summary>
    public IReadOnlyList<PartialUse> UsesOf(string @namespace, string name) =>
        [.. catalog.Prompts.Store.List(@namespace).Select(prompt => (prompt.Name, Pins: PinsOf(prompt, name))).Where(item => item.Pins.Count > 0)
            .OrderBy(item => item.Name, StringComparer.Ordinal)
            .Select(item => new PartialUse(item.Name, item.Pins, [.. catalog.FlowsOf(@namespace, item.Name).Select(flow => flow.Name)]))];

    /// <summary>Flows whose prompts follow it: a publication changes them at once.</summary>
    public IReadOnlyList<string> FollowersOf(string @namespace, string name) =>
        [.. catalog.Flows.Store.List(@namespace).Where(flow => FlowPrompts.FollowedBy(flow).Values.Contains(name)).Select(flow => flow.Name)];

    /// <summary>Asks for one release with all the prompts at the revision that is published now.</summary>
    /// <exception cref="AccessDeniedException">They may not ask for releases there.</exception>
    public async Task<ReleaseResult> RequestAsync(CurrentUser user, string @namespace, string name, IReadOnlyList<string> prompts, string message, CancellationToken cancellationToken)
    {
        user.Demand(Permission.SubmitRelease, @namespace);
        if (await library.LoadAsync(@namespace, name) is not { } history || history.Find(history.Newest) is not { } newest)
        {
            return Refused($"No revision of {name} is published.");
        }

        var pin = new PartialPin(name, history.Newest);
        var objects = new List<ReleaseObject>();
        foreach (var prompt in prompts)
        {
            if (catalog.Find(@namespace, prompt) is not { } live)
            {
                return Refused($"The prompt {prompt} is gone. Look again.");
            }

            var content = PromptCatalog.SpecOf(live).Content;
            var edit = PartialPins.Upgrade(DotpromptDocument.Parse(content), pin, newest);
            if (edit.Refusal is { } refusal)
            {
                return Refused($"{prompt}: {refusal}");
            }

            if (edit.Edits.Count > 0)
            {
                objects.Add(new ReleaseObject(Prompt.Definition.Kind, prompt, TextEdit.Apply(content, edit.Edits)) { SeenHash = ReleaseKinds.HashOf(content) });
            }
        }

        return objects.Count == 0
            ? Refused($"They all have {pin} already.")
            : await desk.SubmitAsync(new ReleaseSubmission { Namespace = @namespace, Objects = objects, Message = message.Length > 0 ? message : $"Upgrade to {pin}" }, user, cancellationToken);
    }

    private static IReadOnlyList<int> PinsOf(Prompt prompt, string name)
    {
        var content = PromptCatalog.SpecOf(prompt).Content;
        return content.Contains($"{name}@", StringComparison.Ordinal)
            ? [.. PartialPins.Of(DotpromptDocument.Parse(content)).Where(pin => pin.Name == name).Select(pin => pin.Revision).Order()]
            : [];
    }

    private static ReleaseResult Refused(string message) => new() { Refusal = new Refusal(RefusalReason.Invalid, message) };
}
