using Portal.Features.Ownership;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Portal.Ownership;

public class ObjectOwnerTests
{
    private const string Spec = """{"manager": "%", "operation": "Apply", "time": "2030-01-01T00:00:00Z", "fieldsV1": {"f:spec": {"f:content": {}}}}""";

    [Theory]
    [InlineData("""{}""", OwnerKind.None, "Nobody", false)]
    [InlineData("""{"annotations": {"argocd.argoproj.io/tracking-id": "prompts:genkit.dev/Prompt:team/p"}}""", OwnerKind.ArgoCd, "Argo CD: prompts", true)]
    [InlineData("""{"annotations": {"argocd.argoproj.io/tracking-id": "team-a_prompts:genkit.dev/Prompt:team/p"}}""", OwnerKind.ArgoCd, "Argo CD: team-a/prompts", true)]
    [InlineData("""{"annotations": {"argocd.argoproj.io/tracking-id": "prompts:genkit.dev/Prompt:team/copied-from"}}""", OwnerKind.None, "Nobody", false)]
    [InlineData("""{"labels": {"argocd.argoproj.io/instance": "prompts"}}""", OwnerKind.ArgoCd, "Argo CD: prompts", true)]
    [InlineData("""{"labels": {"app.kubernetes.io/instance": "prompts"}, "managedFields": [argocd-controller]}""", OwnerKind.ArgoCd, "Argo CD: prompts", true)]
    [InlineData("""{"labels": {"app.kubernetes.io/instance": "prompts"}, "managedFields": [kubectl-edit]}""", OwnerKind.Kubectl, "kubectl-edit", false)]
    [InlineData("""{"labels": {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}}""", OwnerKind.Flux, "Flux: flux-system/apps", true)]
    [InlineData("""{"labels": {"helm.toolkit.fluxcd.io/name": "apps", "helm.toolkit.fluxcd.io/namespace": "x"}}""", OwnerKind.Flux, "Flux: x/apps", true)]
    [InlineData("""{"annotations": {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "prod"}}""", OwnerKind.Helm, "Helm: prod/shop", true)]
    [InlineData("""{"ownerReferences": [{"apiVersion": "genkit.dev/v1alpha1", "kind": "FlowSet", "name": "set", "uid": "1", "controller": true}]}""", OwnerKind.Controller, "FlowSet set", true)]
    [InlineData("""{"managedFields": [genkit-portal]}""", OwnerKind.Portal, "Portal", false)]
    [InlineData("""{"managedFields": [kubectl-client-side-apply]}""", OwnerKind.Kubectl, "kubectl-client-side-apply", false)]
    [InlineData("""{"managedFields": [terraform]}""", OwnerKind.Other, "terraform", false)]
    [InlineData("""{"managedFields": "nonsense", "labels": 3, "annotations": [1]}""", OwnerKind.None, "Nobody", false)]
    public void Of_Metadata_SaysWhoseItIs(string metadata, OwnerKind kind, string title, bool isExclusive)
    {
        var owner = ObjectOwner.Of(Prompt(System.Text.RegularExpressions.Regex.Replace(metadata, @"\[([a-z-]+)\]", match => $"[{Spec.Replace("%", match.Groups[1].Value, StringComparison.Ordinal)}]")));

        Assert.Equal((kind, title, isExclusive), (owner.Kind, owner.Title, owner.IsExclusive));
        Assert.Equal(isExclusive, owner.Refusal is not null);
    }

    [Fact]
    public void WriterOf_TwoInTheSameSecond_IsTheOneWhoseEntryChanged()
    {
        var before = Prompt($$"""{"managedFields": [{{Entry("kubectl-edit", 1)}}, {{Entry("genkit-portal", 1)}}]}""");
        var after = Prompt($$"""{"managedFields": [{{Entry("kubectl-edit", 2)}}, {{Entry("genkit-portal", 1)}}]}""");

        Assert.Equal("kubectl-edit", FieldsEntry.WriterOf(before, after)!.Manager);
    }

    [Fact]
    public void WriterOf_TakenFromAnotherInTheSameSecond_IsTheOneWhoTook()
    {
        const string Both = """{"f:spec": {"f:a": {}, "f:b": {}}}""";
        var before = Prompt($$"""{"managedFields": [{{Entry("genkit-portal", Both, 1)}}]}""");
        var after = Prompt($$"""{"managedFields": [{{Entry("genkit-portal", """{"f:spec": {"f:a": {}}}""", 2)}}, {{Entry("kubectl-edit", """{"f:spec": {"f:b": {}}}""", 2)}}]}""");

        Assert.Equal("kubectl-edit", FieldsEntry.WriterOf(before, after)!.Manager);
        Assert.Equal("genkit-portal", FieldsEntry.WriterOf(after, Prompt($$"""{"managedFields": [{{Entry("genkit-portal", Both, 2)}}]}"""))!.Manager);
    }

    [Fact]
    public void WriterOf_StatusEntries_DoNotCount()
    {
        var after = Prompt("""
            {"managedFields": [{"manager": "kubectl", "operation": "Update", "time": "2030-01-01T00:00:00Z", "fieldsV1": {"f:spec": {}}},
            {"manager": "genkit-operator", "operation": "Apply", "subresource": "status", "time": "2030-01-02T00:00:00Z", "fieldsV1": {"f:status": {}}}]}
            """);

        Assert.Equal("kubectl", FieldsEntry.WriterOf(null, after)!.Manager);
        Assert.Null(FieldsEntry.WriterOf(null, Prompt("{}")));
    }

    private static string Entry(string manager, int field) => $$$"""{"manager": "{{{manager}}}", "operation": "Update", "time": "2030-01-01T00:00:00Z", "fieldsV1": {"f:spec": {"f:field{{{field}}}": {} } } }""";

    private static string Entry(string manager, string fields, int second) => $$"""{"manager": "{{manager}}", "operation": "Update", "time": "2030-01-01T00:00:0{{second}}Z", "fieldsV1": {{fields}} }""";

    private static KubeObject Prompt(string metadata)
    {
        var json = JsonNode.Parse("""{"apiVersion": "genkit.dev/v1alpha1", "kind": "Prompt"}""")!.AsObject();
        json["metadata"] = JsonNode.Parse(metadata);
        (json["metadata"]!["name"], json["metadata"]!["namespace"]) = ("p", "team");
        return new KubeObject(json);
    }
}
