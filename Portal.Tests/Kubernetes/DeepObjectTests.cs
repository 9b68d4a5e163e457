using Portal.Operator.Models;

namespace Portal.Tests.Kubernetes;

public class DeepObjectTests
{
    /// <summary>The client takes in up to 256 levels; all that can be read has a type.</summary>
    [Fact]
    public void Spec_AsDeepAsTheClientReads_IsTyped()
    {
        const int Depth = 250;
        var info = JsonNode.Parse(
            string.Concat(Enumerable.Repeat("{\"a\":", Depth)) + "1" + new string('}', Depth), documentOptions: new System.Text.Json.JsonDocumentOptions { MaxDepth = 256 });

        var model = Model.FromJson(new JsonObject { ["spec"] = new JsonObject { ["provider"] = "openai", ["info"] = info } });

        Assert.Equal("openai", model.Spec.Provider);
    }
}
