using System.Text;
using Portal.Features.Ownership;
using Portal.Features.Releases;
using Portal.Operator.Api;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>A prompt as files for a repository.</summary>
internal static class PromptFiles
{
    /// <param name="live">The object in the cluster.</param>
    /// <param name="content">What its document shall be.</param>
    public static OwnerFiles Of(Prompt live, string content) => OwnerFiles.Of(live, ReleaseKinds.SpecWith(live, content));

    /// <summary><c>GET …/prompts/{name}/file</c>.</summary>
    public static async Task<IResult> GetAsync(
        string @namespace, string name, PromptCatalog catalog, DraftStore drafts, CancellationToken cancellationToken, string @as = "manifest")
    {
        if (@as is not ("manifest" or "patch"))
        {
            return PromptsApi.Bad("as: it must be manifest or patch.");
        }

        if (await PromptsApi.ContentAsync(null, @namespace, name, catalog, drafts, cancellationToken) is not { } content)
        {
            return PromptsApi.NotFound(@namespace, name);
        }

        var files = Of(catalog.Find(@namespace, name) ?? Empty(@namespace, name), content);
        return @as == "patch"
            ? Results.File(Encoding.UTF8.GetBytes(files.Patch), "application/yaml", $"patch-{files.FileName}")
            : Results.File(Encoding.UTF8.GetBytes(files.Manifest), "application/yaml", files.FileName);
    }

    public static Prompt Empty(string @namespace, string name) => new(new JsonObject
    {
        ["apiVersion"] = GenkitApi.ApiVersion,
        ["kind"] = Prompt.Definition.Kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
    });
}
