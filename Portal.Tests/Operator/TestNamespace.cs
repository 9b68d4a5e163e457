using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;

namespace Portal.Tests.Operator;

/// <summary>One namespace of a cluster, with the verbs a test needs. Waits watch; they end when the state is there.</summary>
internal sealed class TestNamespace(KubeClient client, string name, CancellationToken cancellationToken)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly WriteOptions s_user = new() { Manager = new FieldManager("kubectl"), Force = true };

    private static readonly Dictionary<string, ResourceDefinition> s_kinds = new ResourceDefinition[]
    {
        Flow.Definition, Model.Definition, PluginConfig.Definition, Prompt.Definition, Tool.Definition,
        BuiltIn.ConfigMap, BuiltIn.Secret, BuiltIn.Service, BuiltIn.Deployment, BuiltIn.Event,
        FlowSet.Definition, Dataset.Definition, Eval.Definition, BuiltIn.Job, BuiltIn.CronJob, BuiltIn.ServiceAccount, BuiltIn.Role, BuiltIn.RoleBinding,
        BuiltIn.PodDisruptionBudget, BuiltIn.HorizontalPodAutoscaler, BuiltIn.Ingress, BuiltIn.HttpRoute,
    }.ToDictionary(definition => definition.Kind);

    public string Name => name;

    public static ResourceDefinition DefinitionOf(string kind) => s_kinds[kind];

    public KubeClient Client => client;

    /// <summary>Applies documents as a user would; the namespace is filled in.</summary>
    public async Task ApplyAsync(string yaml)
    {
        foreach (var manifest in TestManifests.Read(yaml))
        {
            var definition = s_kinds[(string)manifest["kind"]!];
            manifest["apiVersion"] = definition.ApiVersion;
            manifest["metadata"]!["namespace"] = name;
            await client.Resource(definition).ApplyAsync(new KubeObject(manifest), s_user, cancellationToken);
        }
    }

    public async Task DeleteAsync(string kind, string objectName) => Assert.True(
        await client.Resource(s_kinds[kind]).DeleteAsync(name, objectName, null, cancellationToken), $"{kind} {objectName} was there to delete");

    public async Task<KubeObject> PatchAsync(string kind, string objectName, string merge, string? subresource = null) =>
        await client.Resource(s_kinds[kind]).MergePatchAsync(
            name, objectName, JsonNode.Parse(merge)!.AsObject(), subresource, new WriteOptions { Manager = new FieldManager("kubectl") }, cancellationToken);

    public Task<KubeObject?> FindAsync(string kind, string objectName) => client.Resource(s_kinds[kind]).FindAsync(name, objectName, cancellationToken);

    public async Task<KubeObject> GetAsync(string kind, string objectName) =>
        await FindAsync(kind, objectName) ?? throw new InvalidOperationException($"There is no {kind} {objectName}.");

    public async Task<IReadOnlyList<KubeObject>> ListAsync(string kind) =>
        (await client.Resource(s_kinds[kind]).ListAsync(name, null, cancellationToken)).Items;

    public async Task<KubeObject> UntilAsync(string kind, string objectName, Func<KubeObject, bool> predicate) => (await Wait.UntilAsync(
        client.Resource(s_kinds[kind]), name, objectName, item => item is not null && predicate(item), s_patience, TimeProvider.System, cancellationToken))!;

    public Task UntilGoneAsync(string kind, string objectName) => Wait.UntilAsync(
        client.Resource(s_kinds[kind]), name, objectName, item => item is null, s_patience, TimeProvider.System, cancellationToken);

    /// <summary>Waits for the Ready condition; a failure shows the one there was.</summary>
    public async Task<KubeObject> UntilReadyIsAsync(string kind, string objectName, string status, string message)
    {
        string? last = null;
        try
        {
            return await UntilAsync(kind, objectName, item =>
            {
                var ready = item.FindCondition(ConditionTypes.Ready);
                last = $"{ready?.Status} {ready?.Reason}: {ready?.Message}";
                return ready?.Status == status && ready.Message == message;
            });
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{kind} {objectName} is not \"{status}: {message}\" but \"{last}\"", exception);
        }
    }

    /// <summary>Plays the Deployment controller: every replica is of the current revision.</summary>
    public async Task SetReplicasAsync(string deployment, int replicas, int available)
    {
        var generation = (await GetAsync("Deployment", deployment)).Generation;
        var status = new JsonObject
        {
            ["observedGeneration"] = generation,
            ["replicas"] = replicas,
            ["updatedReplicas"] = replicas,
            ["availableReplicas"] = available == 0 ? null : available,
            ["readyReplicas"] = available == 0 ? null : available,
            ["unavailableReplicas"] = replicas == available ? null : replicas - available,
        };
        await PatchAsync("Deployment", deployment, new JsonObject { ["status"] = status }.ToJsonString(), "status");
    }

    public async Task<JsonObject> DataAsync(string configMap) => (JsonObject)(await GetAsync("ConfigMap", configMap)).Json["data"]!;
}
