using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Manifests;

namespace Portal.Operator.Prompts;

/// <summary>A Dotprompt document.</summary>
[CustomResource("prompt", "gpr")]
[Description("Prompt is a Dotprompt document: YAML frontmatter and a Handlebars template.")]
[PrintColumn("Hash", "string", ".status.contentHash")]
[PrintColumn("Ready", "string", PrintColumnAttribute.ReadyPath)]
[PrintColumn("Age", "date", PrintColumnAttribute.AgePath)]
public sealed class Prompt(JsonObject json) : KubeObject<PromptSpec, PromptStatus>(json), IKubeKind<Prompt>
{
    public static ResourceDefinition Definition { get; } = GenkitApi.Namespaced("Prompt", "prompts");

    public static Prompt FromJson(JsonObject json) => new(json);

    /// <summary>What <see cref="PromptStatus.ContentHash"/> says about a document: SHA-256 of its UTF-8 bytes, in lower-case hex.</summary>
    public static string HashOf(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
}

public sealed record PromptSpec
{
    [Description("The document, verbatim.")]
    [Required]
    [MinLength(1)]
    public string Content { get; init; } = "";

    [Description("What the prompt is for, in a sentence.")]
    public string? Description { get; init; }
}

public sealed record PromptStatus : GenkitStatus
{
    [Description("SHA-256 of spec.content in UTF-8, in lower-case hex.")]
    public string? ContentHash { get; init; }

    [Description("The frontmatter as JSON; absent when there is none or it cannot be read.")]
    public JsonNode? ParsedFrontmatter { get; init; }
}
