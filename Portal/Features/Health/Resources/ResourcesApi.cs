using System.Text;
using Portal.Auth;
using Portal.Components.Code;

namespace Portal.Features.Health.Resources;

/// <summary>An object's manifest as a file.</summary>
internal static class ResourcesApi
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/namespaces/{namespace}/resources/{kind}/{name}/manifest", (string @namespace, string kind, string name, ResourceDirectory resources) =>
            resources.Find(kind, @namespace, name) is { } item
                ? Results.File(Encoding.UTF8.GetBytes(ObjectYaml.Write(item)), "application/yaml", $"{name}.yaml")
                : Results.Problem($"There is no {kind} \"{name}\" in the namespace \"{@namespace}\".", statusCode: StatusCodes.Status404NotFound))
            .Requires(Permission.ReadNamespace).WithName("DownloadManifest").WithTags("Resources").Produces(StatusCodes.Status200OK, contentType: "application/yaml")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
