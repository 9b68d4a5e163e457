using Portal.Auth;
using Portal.Components.Inputs;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Kubernetes.Client;
using Portal.Operator.Api;
using Portal.Operator.Datasets;
using Portal.Runner.Contract;

namespace Portal.Features.Runs;

/// <summary>Runs as samples of a Dataset: its input, and what the answer should be.</summary>
public sealed class DatasetRows(KubeClient client, PersonalCluster cluster, RunReader reader, AuditLog audit)
{
    /// <summary>An object of a cluster has at most 1.5 MB.</summary>
    private const int Largest = 1_000_000;

    private static readonly WriteOptions s_write = new() { Manager = FieldManager.Portal };

    /// <summary>Names of the namespace's datasets.</summary>
    /// <exception cref="AccessDeniedException">They may not read there.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CurrentUser user, string @namespace, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ReadNamespace, @namespace);
        return [.. (await client.Resource<Dataset>().ListAsync(@namespace, null, cancellationToken)).Items.Select(item => item.Name).Order(StringComparer.Ordinal)];
    }

    /// <summary>Adds a run to a dataset; makes the dataset when there is none. Returns why it cannot; null when it was added.</summary>
    /// <param name="reference">What the answer should be.</param>
    /// <exception cref="AccessDeniedException">They may not, or may not read the run.</exception>
    /// <exception cref="OwnedObjectException">Somebody else keeps the dataset.</exception>
    /// <exception cref="KubernetesException">The cluster refuses it, or somebody changed it meanwhile.</exception>
    public async Task<string?> AddAsync(CurrentUser user, string @namespace, string id, string dataset, string reference, CancellationToken cancellationToken)
    {
        user.Demand(Permission.EditDraft, @namespace);
        if (PromptName.Check(dataset) is not null)
        {
            return "The dataset needs a name of lower-case letters, digits and '-', beginning and ending with a letter or digit.";
        }

        if (await reader.FindAsync(user, @namespace, id, cancellationToken) is not { } item || !item.Run.IsReadableBy(user))
        {
            return $"There is no run \"{id}\" whose input you may read.";
        }

        if (item.Run.Kept == RunKeeping.Off || RunRedaction.HasPlaceholder(item.Run.Input))
        {
            return "Its input was not kept whole, so that it is no sample.";
        }

        var sample = new JsonObject { ["input"] = item.Run.Input.DeepClone(), ["reference"] = reference };
        var live = await client.Resource<Dataset>().FindAsync(@namespace, dataset, cancellationToken);
        OwnedObjectException.ThrowIfKept(live);
        var (changed, problem) = live is null ? (NewOf(@namespace, dataset, sample), null) : With(live, sample);
        if (problem is not null)
        {
            return problem;
        }

        var resource = cluster.For(user).Resource<Dataset>();
        await (live is null ? resource.CreateAsync(changed!, s_write, cancellationToken) : resource.ReplaceAsync(changed!, s_write, cancellationToken));
        await audit.RecordAsync(
            new AuditEntry(user.Actor, "dataset.row-added", Dataset.Definition.Kind, @namespace, dataset, AuditResult.Succeeded, null, new JsonObject { ["run"] = id }, Address: user.Address),
            CancellationToken.None);
        return null;
    }

    private static Dataset NewOf(string @namespace, string name, JsonObject sample) => new(new JsonObject
    {
        ["apiVersion"] = GenkitApi.ApiVersion,
        ["kind"] = Dataset.Definition.Kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
        ["spec"] = new JsonObject { ["format"] = "json", ["source"] = new JsonObject { ["inline"] = new JsonArray(sample) } },
    });

    private static (Dataset? Changed, string? Problem) With(Dataset live, JsonObject sample)
    {
        var json = (JsonObject)live.Json.DeepClone();
        var source = (json["spec"] as JsonObject)?["source"] as JsonObject;
        switch (source?["inline"], json["spec"]?["format"]?.ToString())
        {
            case (JsonArray list, _) when list.Any(known => JsonNode.DeepEquals(known, sample)):
                return (null, "The same row is in the dataset already.");
            case (JsonArray list, "json" or "jsonl"):
                list.Add(sample);
                break;
            case (JsonObject first, "json" or "jsonl"):
                source["inline"] = new JsonArray(first.DeepClone(), sample);
                break;
            case (JsonValue text, "jsonl"):
                source["inline"] = $"{text.ToString().TrimEnd('\n')}\n{sample.ToJsonString(InputJson.Compact)}\n";
                break;
            case (null, _):
                return (null, "The samples of this dataset are in a ConfigMap or behind an address. Add the row there, or choose another dataset.");
            default:
                return (null, "The samples of this dataset are CSV or one text. Choose a dataset with a list of samples.");
        }

        return source["inline"]!.ToJsonString().Length > Largest
            ? (null, "The dataset would become larger than an object of a cluster may be. Begin another one.")
            : (new Dataset(json), null);
    }
}
