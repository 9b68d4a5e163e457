using System.Text;
using Portal.ApiServer.OpenApi;
using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.ApiServer.OpenApi;

public sealed class OpenApiTests
{
    private static readonly OpenApiResource s_widget = new()
    {
        Definition = new ResourceDefinition("conformance.example.org", "v1", "Widget", "widgets", true),
        ListKind = "WidgetList",
        HasStatus = true,
        HasScale = true,
        Schema = StructuralSchema.ForCustomResource((JsonObject)JsonNode.Parse(
            """{"type":"object","description":"A widget.","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer","description":"How big."}}}}}""")!),
    };

    [Fact]
    public void Document_PatchOfOneObject_OffersFieldValidationBesideTheKind()
    {
        var document = JsonNode.Parse(OpenApiDocuments.Document("conformance.example.org", "v1", [s_widget]))!;

        var patch = document["paths"]!["/apis/conformance.example.org/v1/namespaces/{namespace}/widgets/{name}"]!["patch"]!;
        Assert.Equal("""{"group":"conformance.example.org","kind":"Widget","version":"v1"}""", patch["x-kubernetes-group-version-kind"]!.ToJsonString());
        Assert.Contains((JsonArray)patch["parameters"]!, parameter => parameter!["name"]!.ToString() == "fieldValidation");
        Assert.DoesNotContain("strategic", document.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Document_Component_KeepsDescriptionsAndRefersToMetadata()
    {
        var document = JsonNode.Parse(OpenApiDocuments.Document("conformance.example.org", "v1", [s_widget]))!;

        var widget = document["components"]!["schemas"]!["org.example.conformance.v1.Widget"]!;
        Assert.Equal("How big.", widget["properties"]!["spec"]!["properties"]!["size"]!["description"]!.ToString());
        var reference = widget["properties"]!["metadata"]!["allOf"]![0]!["$ref"]!.ToString();
        Assert.NotNull(document["components"]!["schemas"]![reference.Split('/')[^1]]);
    }

    [Fact]
    public void Index_SameResources_KeepTheHash_OtherResourcesChangeIt()
    {
        string Url(params OpenApiResource[] resources) => OpenApiDocuments.Index(
            [KeyValuePair.Create(OpenApiDocuments.Key("conformance.example.org", "v1"), OpenApiDocuments.Document("conformance.example.org", "v1", resources))])
            ["paths"]!["apis/conformance.example.org/v1"]!["serverRelativeURL"]!.ToString();

        Assert.StartsWith("/openapi/v3/apis/conformance.example.org/v1?hash=", Url(s_widget), StringComparison.Ordinal);
        Assert.Equal(Url(s_widget), Url(s_widget));
        Assert.NotEqual(Url(s_widget), Url(s_widget with { HasScale = false }));
    }

    [Fact]
    public void Document_BuiltIns_HoldNoMarkersOfOurs()
    {
        var resource = new OpenApiResource { Definition = BuiltIn.Deployment, ListKind = "DeploymentList", BuiltIn = true, Schema = BuiltInSchemas.Get(BuiltIn.Deployment) };

        var text = Encoding.UTF8.GetString(OpenApiDocuments.Document("apps", "v1", [resource]));

        Assert.DoesNotContain("x-always-present", text, StringComparison.Ordinal);
        Assert.Contains("io.k8s.api.apps.v1.Deployment", text, StringComparison.Ordinal);
    }
}
