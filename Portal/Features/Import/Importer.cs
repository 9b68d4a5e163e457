using Portal.Auth;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Features.Releases.Policies;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Admission;
using Portal.Operator.Prompts;

namespace Portal.Features.Import;

/// <summary>How an import is done.</summary>
/// <param name="Namespace">Where the objects go.</param>
/// <param name="DryRun">Change nothing, only say what would become of each object.</param>
/// <param name="Force">Take over fields that another manager set.</param>
public sealed record ImportOptions(string Namespace, bool DryRun, bool Force);

/// <summary>
/// Brings manifests of this group into the cluster, those of other versions and operators too, by server-side apply as the portal. Each object is
/// judged on its own, so that one that is refused keeps no other back.
/// </summary>
public sealed class Importer(KubeClient client, PersonalCluster cluster, AdmissionChain admission, AuditLog audit, EnvironmentDirectory environments, TimeProvider clock)
{
    /// <param name="text">YAML or JSON: one object, many documents, or lists.</param>
    /// <param name="options">How it is done.</param>
    /// <param name="user">Who imports; what he may not do is refused object by object.</param>
    /// <param name="cancellationToken">Ends it between two objects.</param>
    /// <exception cref="ImportException">The text holds no objects, too many, or is not YAML.</exception>
    public async Task<ImportReport> ImportAsync(string text, ImportOptions options, CurrentUser user, CancellationToken cancellationToken)
    {
        var file = ManifestFile.Read(text);
        if (file.Count == 0)
        {
            throw new ImportException("There is no object in it. Give manifests with apiVersion, kind, metadata and spec.");
        }

        var (objects, seen) = (new List<ImportedObject>(), new HashSet<(string Kind, string Name)>());
        string? outage = null;
        foreach (var manifest in file)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (outage is not null)
            {
                objects.Add(NotTried(manifest, outage));
                continue;
            }

            try
            {
                objects.Add(await ImportAsync(manifest, seen, options, user));
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException or KubernetesException)
            {
                // What came before it was done, and whoever asked must learn what that was.
                outage = $"the cluster stopped answering ({exception.Message})";
                objects.Add(NotTried(manifest, $"{outage}; whether this one was written is not known"));
            }
        }

        return new ImportReport(options.DryRun, options.Namespace, objects);
    }

    private static ImportedObject NotTried(ManifestObject source, string reason) =>
        new(source.Line, TextOf(source.Content, "kind"), TextOf(source.Content?["metadata"] as JsonObject, "name"), ImportResult.Refused)
        {
            Problems = [new ImportProblem(null, reason, "import again when it is back: what is there already stays as it is")],
        };

    private async Task<ImportedObject> ImportAsync(ManifestObject source, HashSet<(string Kind, string Name)> seen, ImportOptions options, CurrentUser user)
    {
        var (kind, name) = (TextOf(source.Content, "kind"), TextOf(source.Content?["metadata"] as JsonObject, "name"));
        ImportedObject Result(ImportResult result, params IReadOnlyList<ImportProblem> problems) => new(source.Line, kind, name, result) { Problems = problems };

        if (source.Content is not { } manifest)
        {
            return Result(ImportResult.Refused, new ImportProblem(null, "it is not an object", "give apiVersion, kind, metadata and spec"));
        }

        if (ImportScope.WhyLeftOut(manifest) is { } elsewhere)
        {
            return Result(ImportResult.LeftOut, new ImportProblem(null, elsewhere));
        }

        if (ImportScope.FindMistake(manifest, source.Duplicates) is { } mistake)
        {
            return Result(ImportResult.Refused, mistake);
        }

        if (!seen.Add((kind, name)))
        {
            return Result(ImportResult.Refused, new ImportProblem("metadata.name", "an object of this kind and name comes before it in the file", "remove one of them"));
        }

        var permission = kind == Prompt.Definition.Kind ? Permission.PublishDirectly : Permission.ManageFlows;
        if (!user.May(permission, options.Namespace))
        {
            return Result(ImportResult.Refused, new ImportProblem(null, $"you may not do this in the namespace \"{options.Namespace}\": it needs the permission {permission}"));
        }

        if (FindPolicy(options.Namespace) is { } policy)
        {
            return Result(ImportResult.Refused, policy);
        }

        var changes = ManifestCleaner.Clean(manifest, options.Namespace);
        var verdict = admission.Review(new AdmissionRequest(AdmissionOperation.Create, manifest));
        var refusals = verdict.Errors.Count > 0
            ? [.. verdict.Errors.Select(finding => new ImportProblem(finding.Field, finding.Message, finding.Fix))]
            : await ApplyAsync(ImportScope.Kinds[kind], new KubeObject(manifest), options, user);
        if (refusals.Count > 0)
        {
            return Result(ImportResult.Refused, refusals);
        }

        return new ImportedObject(source.Line, kind, name, changes.Count > 0 ? ImportResult.Changed : ImportResult.AsIs)
        {
            Changes = changes,
            Warnings = [.. verdict.Warnings.Where(finding => finding.Weight == FindingWeight.Broken).Select(finding => new ImportProblem(finding.Field, finding.Message, finding.Fix))],
        };
    }

    /// <summary>Where people have to agree to a change, an import would be the way around them.</summary>
    private ImportProblem? FindPolicy(string @namespace)
    {
        var policy = environments.PolicyOf([@namespace]);
        return policy.Approvals > 0
            ? new(null, $"changes of the namespace \"{@namespace}\" need {policy.Approvals} {(policy.Approvals == 1 ? "approval" : "approvals")}", "import into another one and release from there")
            : policy.FreezeAt(clock.GetUtcNow()) is { } freeze ? new(null, $"the namespace \"{@namespace}\" is frozen: {freeze.Reason}", "import when the freeze is over")
            : null;
    }

    /// <summary>Why the server refuses it; empty when it was applied, or would be.</summary>
    private async Task<IReadOnlyList<ImportProblem>> ApplyAsync(ResourceDefinition kind, KubeObject manifest, ImportOptions options, CurrentUser user)
    {
        var write = new WriteOptions { Manager = FieldManager.Portal, DryRun = options.DryRun, Force = options.Force, FieldValidation = "Strict" };
        try
        {
            var resource = client.Resource(kind);
            var before = await resource.FindAsync(manifest.Namespace, manifest.Name, CancellationToken.None);
            if (before is not null && ObjectOwner.Of(before) is { IsExclusive: true, Refusal: { } owned })
            {
                return [new ImportProblem(null, owned)];
            }

            var after = await cluster.For(user).Resource(kind).ApplyAsync(manifest, write, CancellationToken.None);
            if (!options.DryRun)
            {
                await RecordAsync(user, kind, before, after);
            }

            return [];
        }
        catch (KubernetesException refusal) when ((int)refusal.StatusCode is >= 400 and < 500)
        {
            return ServerRefusal.Read(refusal);
        }
    }

    private Task RecordAsync(CurrentUser user, ResourceDefinition kind, KubeObject? before, KubeObject after) => audit.RecordAsync(
        new AuditEntry(user.Actor, "object.imported", kind.Kind, after.Namespace, after.Name, AuditResult.Succeeded,
            before?.Json["spec"] is JsonObject old ? new JsonObject { ["spec"] = old.DeepClone() } : null,
            new JsonObject { ["spec"] = after.Json["spec"]?.DeepClone() }, Address: user.Address),
        CancellationToken.None);

    private static string TextOf(JsonObject? parent, string name) => parent?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
