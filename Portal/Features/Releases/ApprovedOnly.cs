using System.Data.Common;
using Portal.Data;
using Portal.Features.Releases.Policies;
using Portal.Operator.Admission;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases;

/// <summary>
/// Where the policy says so, the cluster takes a prompt text only when a release promised or published exactly it: as that Prompt's content, or inside of a
/// Flow or FlowSet. It does not matter who writes it.
/// </summary>
internal sealed class ApprovedOnly(PortalDatabase database, EnvironmentDirectory environments) : IAdmissionGate
{
    private const string Fix = "publish it through the portal";

    public IEnumerable<AdmissionFinding> Check(JsonObject target)
    {
        var (kind, @namespace, name) = (target["kind"]?.ToString() ?? "", Text(target["metadata"], "namespace"), Text(target["metadata"], "name"));
        if (@namespace is null || !environments.PolicyOf([@namespace]).OnlyApproved)
        {
            return [];
        }

        try
        {
            return kind == Prompt.Definition.Kind ? CheckPrompt(target, @namespace, name)
                : kind == Flow.Definition.Kind || kind == FlowSet.Definition.Kind ? CheckInside(target, kind, @namespace, name)
                : [];
        }
        catch (DbException exception)
        {
            return [AdmissionFinding.Error("spec", $"whether it was approved cannot be told now: {exception.Message}", "try again")];
        }
    }

    private List<AdmissionFinding> CheckPrompt(JsonObject target, string @namespace, string? name)
    {
        var content = Text(target["spec"], "content") ?? "";
        return Approved(Prompt.Definition.Kind, @namespace, name).Contains(content)
            ? []
            : [AdmissionFinding.Error("spec.content", $"is not a text that was approved for {@namespace}/{name}", Fix)];
    }

    private List<AdmissionFinding> CheckInside(JsonObject target, string kind, string @namespace, string? name)
    {
        var inside = new List<(string Path, string Text)>();
        Collect(target["spec"], "spec", inside);
        if (inside.Count == 0)
        {
            return [];
        }

        var approved = new List<(string Path, string Text)>();
        foreach (var content in Approved(kind, @namespace, name))
        {
            Collect(JsonNode.Parse(content), "spec", approved);
        }

        var texts = approved.Select(item => item.Text).ToHashSet(StringComparer.Ordinal);
        return [.. inside.Where(item => !texts.Contains(item.Text)).Select(item => AdmissionFinding.Error(item.Path, $"is not a text that was approved for {@namespace}/{name}", Fix))];
    }

    private List<string> Approved(string kind, string @namespace, string? name) => database.Read(context => context.Publications
        .Where(item => item.Kind == kind && item.Namespace == @namespace && item.Name == name && item.State != PublicationState.Refused && !item.Deletes)
        .Select(item => item.Content).Distinct().ToList());

    /// <summary>The texts written in place, <c>prompt.content</c>, wherever they are.</summary>
    private static void Collect(JsonNode? node, string path, List<(string Path, string Text)> found)
    {
        if (node is JsonArray list)
        {
            for (var index = 0; index < list.Count; index++)
            {
                Collect(list[index], $"{path}[{index}]", found);
            }
        }
        else if (node is JsonObject map)
        {
            foreach (var (name, value) in map)
            {
                if (name == "prompt" && Text(value, "content") is { } text)
                {
                    found.Add(($"{path}.{name}.content", text));
                }

                Collect(value, $"{path}.{name}", found);
            }
        }
    }

    private static string? Text(JsonNode? owner, string member) => (owner as JsonObject)?[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
