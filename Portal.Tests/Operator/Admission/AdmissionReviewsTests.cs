using System.Text;
using Portal.Operator.Admission;

namespace Portal.Tests.Operator.Admission;

public class AdmissionReviewsTests
{
    private static readonly AdmissionChain s_chain = new(new AdmissionOptions { RunnerImage = "registry/runner:1" }, () => null, AdmissionRules.All);

    [Fact]
    public void Validate_ARefusedObject_HasAStatusWithOneCauseAField()
    {
        var response = Validate(Review("""{"metadata":{"name":"healthz"},"spec":{"image":"a b"}}"""));

        Assert.False((bool)response["allowed"]!);
        Assert.Equal("abc", (string?)response["uid"]);
        var status = response["status"]!;
        Assert.Equal((422, "Invalid"), ((int)status["code"]!, (string?)status["reason"]));
        Assert.Equal("Flow.genkit.dev \"healthz\" is invalid: [metadata.name: metadata.name \"healthz\" is reserved for the runner's probes; choose another name, " +
            "spec.image: has white space in it; write it like ghcr.io/example/runner:1.0]", (string?)status["message"]);
        Assert.Equal(["metadata.name", "spec.image"], status["details"]!["causes"]!.AsArray().Select(cause => (string?)cause!["field"]));
        Assert.Equal(("Flow", "healthz"), ((string?)status["details"]!["kind"], (string?)status["details"]!["name"]));
    }

    [Fact]
    public void Validate_DoubtfulObjects_Warn()
    {
        var response = Validate(Review("""{"metadata":{"name":"web"},"spec":{"image":"x","promptRefs":[{"name":"a"}]}}"""));

        Assert.True((bool)response["allowed"]!);
        Assert.Equal("spec.promptRefs: is read as more entries of prompts; write prompts: [{promptRef: {name: ...}}]", (string?)response["warnings"]!.AsArray().Single());
        Assert.Null(response["status"]);
    }

    [Fact]
    public void Validate_ManyLongWarnings_AreCutForHeaders()
    {
        var name = new string('n', 400);
        var prompts = string.Join(',', Enumerable.Repeat($$"""{"name":"{{name}}\nx"}""", 30));

        var warnings = Validate(Review($$$"""{"metadata":{"name":"web"},"spec":{"image":"x","prompts":[{{{prompts}}}]}}"""))["warnings"]!.AsArray().Select(line => line!.ToString()).ToList();

        Assert.Equal(21, warnings.Count);
        Assert.Equal("and 10 more", warnings[^1]);
        Assert.All(warnings, line => Assert.True(line.Length <= 256 && !line.Any(char.IsControl)));
    }

    [Fact]
    public void Mutate_AnObjectWithoutAnImage_PatchesItIn()
    {
        var response = (JsonObject)AdmissionReviews.Mutate(Review("""{"metadata":{"name":"web"},"spec":{"prompts":[]}}"""), s_chain)["response"]!;

        Assert.Equal("JSONPatch", (string?)response["patchType"]);
        Assert.Equal("""[{"op":"add","path":"/spec/image","value":"registry/runner:1"}]""", Encoding.UTF8.GetString(Convert.FromBase64String((string)response["patch"]!)));
    }

    [Fact]
    public void Mutate_WhatItHasMade_ChangesNothing() =>
        Assert.Null(AdmissionReviews.Mutate(Review("""{"metadata":{"name":"web"},"spec":{"image":"registry/runner:1"}}"""), s_chain)["response"]!["patch"]);

    [Theory]
    [InlineData("DELETE", "null", "")]
    [InlineData("CREATE", """{"metadata":{"name":"healthz"},"spec":{"image":"x"}}""", "status")]
    public void Validate_DeletesAndSubresources_AreAllowed(string operation, string target, string subresource)
    {
        var review = Review(target);
        review["request"]!["operation"] = operation;
        review["request"]!["subResource"] = subresource;

        Assert.True((bool)Validate(review)["allowed"]!);
    }

    [Fact]
    public void Validate_AnotherGroup_IsAllowed()
    {
        var review = Review("""{"metadata":{"name":"healthz"},"spec":{"image":"x"}}""");
        review["request"]!["kind"]!["group"] = "example.org";

        Assert.True((bool)Validate(review)["allowed"]!);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"a"}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}""")]
    public void Validate_NoReview_SaysSo(string json) =>
        Assert.Contains("AdmissionReview", Assert.Throws<FormatException>(() => Validate(JsonNode.Parse(json)!.AsObject())).Message, StringComparison.Ordinal);

    private static JsonObject Validate(JsonObject review) => (JsonObject)AdmissionReviews.Validate(review, s_chain)["response"]!;

    private static JsonObject Review(string target) => JsonNode.Parse($$"""
        {
          "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
          "request": {
            "uid": "abc", "operation": "CREATE", "namespace": "shop", "name": "",
            "kind": {"group": "genkit.dev", "version": "v1alpha1", "kind": "Flow"}, "object": {{target}}
          }
        }
        """)!.AsObject();
}
