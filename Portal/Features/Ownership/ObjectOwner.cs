using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Ownership;

public enum OwnerKind
{
    /// <summary>Nobody said anything about it.</summary>
    None,
    Portal,
    ArgoCd,
    Flux,
    Helm,

    /// <summary>Another object that made it, such as a FlowSet.</summary>
    Controller,
    Kubectl,

    /// <summary>Some other program.</summary>
    Other,
}

/// <summary>Who an object in the cluster belongs to, as its labels, annotations, owner references and managedFields tell.</summary>
/// <param name="Kind">What sort of owner.</param>
/// <param name="Name">Of the application, release or manager: <c>team-a/prompts</c>.</param>
public sealed record ObjectOwner(OwnerKind Kind, string Name)
{
    private const string ArgoTracking = "argocd.argoproj.io/tracking-id";
    private const string ArgoInstance = "argocd.argoproj.io/instance";
    private const string HelmRelease = "meta.helm.sh/release-name";
    private const string HelmNamespace = "meta.helm.sh/release-namespace";
    private static readonly string[] s_flux = ["kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"];
    private static readonly string[] s_argoManagers = ["argocd-controller", "argocd-application-controller"];

    /// <summary>Whether it would be written back by its owner: the portal then leaves it alone and offers files instead.</summary>
    public bool IsExclusive => Kind is OwnerKind.ArgoCd or OwnerKind.Flux or OwnerKind.Helm or OwnerKind.Controller;

    /// <summary>Whether its truth is a repository, where a file can be changed.</summary>
    public bool IsGitOps => Kind is OwnerKind.ArgoCd or OwnerKind.Flux or OwnerKind.Helm;

    /// <summary>For people: <c>Argo CD: team-a/prompts</c>.</summary>
    public string Title => Kind switch
    {
        OwnerKind.None => "Nobody",
        OwnerKind.Portal => "Portal",
        OwnerKind.ArgoCd => $"Argo CD: {Name}",
        OwnerKind.Flux => $"Flux: {Name}",
        OwnerKind.Helm => $"Helm: {Name}",
        _ => Name,
    };

    /// <summary>What to say to somebody who wants to write it; null when they may.</summary>
    public string? Refusal => Kind switch
    {
        OwnerKind.ArgoCd or OwnerKind.Flux => $"{Title} keeps this object as its repository says and would undo a change made here. Change the file there: copy the YAML, or download the patch.",
        OwnerKind.Helm => $"{Title} made this object, and the next upgrade would undo a change made here. Change the chart or its values: copy the YAML, or download the patch.",
        OwnerKind.Controller => $"{Name} made this object and keeps it so. Change {Name} instead.",
        _ => null,
    };

    public static ObjectOwner Of(KubeObject item) => ArgoOf(item) ?? FluxOf(item) ?? HelmOf(item) ?? ControllerOf(item) ?? WriterOf(item);

    /// <summary>The name of somebody in <c>managedFields</c>, as a kind of owner.</summary>
    public static OwnerKind KindOf(string manager) => manager switch
    {
        _ when manager == FieldManager.Portal.Name => OwnerKind.Portal,
        _ when manager == FieldManager.Operator.Name || manager == FieldManager.OperatorScale.Name || manager == FieldManager.Local.Name => OwnerKind.Controller,
        _ when s_argoManagers.Contains(manager) => OwnerKind.ArgoCd,
        "kustomize-controller" or "helm-controller" or "flux" => OwnerKind.Flux,
        "helm" or "Helm" => OwnerKind.Helm,
        _ when manager.StartsWith("kubectl", StringComparison.Ordinal) => OwnerKind.Kubectl,
        _ => OwnerKind.Other,
    };

    // app:group/kind:namespace/name, https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/. A copy of an object carries the id of the other one.
    private static ObjectOwner? ArgoOf(KubeObject item)
    {
        if (item.Annotations.TryGetValue(ArgoTracking, out var id) && id.Split(':') is [var app, var kind, var name])
        {
            var group = item.ApiVersion.Split('/')[0];
            return kind == $"{group}/{item.Kind}" && name == $"{item.Namespace}/{item.Name}" ? new ObjectOwner(OwnerKind.ArgoCd, app.Replace('_', '/')) : null;
        }

        if (item.Labels.TryGetValue(ArgoInstance, out var instance))
        {
            return new ObjectOwner(OwnerKind.ArgoCd, instance);
        }

        // The label Argo CD used before it had one of its own is Helm's and everybody's: it counts only where Argo CD wrote.
        return FieldsEntry.Of(item).Any(entry => s_argoManagers.Contains(entry.Manager) && entry.HoldsSpec)
            ? new ObjectOwner(OwnerKind.ArgoCd, item.Labels.GetValueOrDefault("app.kubernetes.io/instance") ?? "an application")
            : null;
    }

    private static ObjectOwner? FluxOf(KubeObject item)
    {
        foreach (var prefix in s_flux)
        {
            if (item.Labels.TryGetValue($"{prefix}/name", out var name))
            {
                return new ObjectOwner(OwnerKind.Flux, item.Labels.TryGetValue($"{prefix}/namespace", out var @namespace) ? $"{@namespace}/{name}" : name);
            }
        }

        return null;
    }

    private static ObjectOwner? HelmOf(KubeObject item) => item.Annotations.TryGetValue(HelmRelease, out var release)
        ? new ObjectOwner(OwnerKind.Helm, item.Annotations.TryGetValue(HelmNamespace, out var @namespace) ? $"{@namespace}/{release}" : release)
        : null;

    private static ObjectOwner? ControllerOf(KubeObject item) =>
        item.ControllerOwner is { } owner ? new ObjectOwner(OwnerKind.Controller, $"{owner.Kind} {owner.Name}") : null;

    /// <summary>Nobody claims it: then it is of whoever wrote the spec last.</summary>
    private static ObjectOwner WriterOf(KubeObject item) =>
        FieldsEntry.Of(item).Where(entry => entry.HoldsSpec).MaxBy(entry => entry.Time ?? DateTimeOffset.MinValue) is { } entry
            ? new ObjectOwner(KindOf(entry.Manager), entry.Manager)
            : new ObjectOwner(OwnerKind.None, "");
}
