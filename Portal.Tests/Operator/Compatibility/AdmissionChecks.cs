using Portal.Operator.Admission;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Check B14: what the runner could not serve is refused before it is stored.</summary>
public class AdmissionChecks
{
    private static readonly AdmissionChain s_chain = new(new AdmissionOptions(), () => null, AdmissionRules.All);

    [Theory]
    [InlineData("kind: Flow\nmetadata: {name: healthz}\nspec: {image: x}", "metadata.name")]
    [InlineData("kind: Flow\nmetadata: {name: readyz}\nspec: {image: x}", "metadata.name")]
    [InlineData("kind: Flow\nmetadata: {name: f}\nspec: {image: x, prompts: [{prompt: {name: healthz, content: hi}}]}", "spec.prompts[0].prompt.name")]
    [InlineData("kind: FlowSet\nmetadata: {name: s}\nspec: {image: x, flows: [{name: healthz, modelRef: {name: m}, prompts: [{prompt: {name: p, content: hi}}]}]}", "spec.flows[0].name")]
    public void CheckB14_NameOfAProbe_IsRefusedWithTheField(string yaml, string field)
    {
        var verdict = s_chain.Review(new AdmissionRequest(AdmissionOperation.Create, TestManifests.Read(yaml)[0]));

        var error = Assert.Single(verdict.Errors);
        Assert.Equal(field, error.Field);
        Assert.Contains("reserved", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckB14_OtherNames_ArePassed() => Assert.Empty(
        s_chain.Review(new AdmissionRequest(AdmissionOperation.Create, TestManifests.Read("kind: Flow\nmetadata: {name: healthy}\nspec: {image: x}")[0])).Errors);
}
