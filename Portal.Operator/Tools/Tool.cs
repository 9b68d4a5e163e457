using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Manifests;

namespace Portal.Operator.Tools;

/// <summary>A function a model may call: another Flow, an HTTP endpoint, or a server of the Model Context Protocol.</summary>
[CustomResource("tool", "gtl")]
[Description("Tool is a function a model may call, answered by another Flow, by an HTTP endpoint or by a server of the Model Context Protocol.")]
[PrintColumn("Target", "string", ".status.resolvedTarget")]
[PrintColumn("Ready", "string", PrintColumnAttribute.ReadyPath)]
[PrintColumn("Age", "date", PrintColumnAttribute.AgePath)]
public sealed class Tool(JsonObject json) : KubeObject<ToolSpec, ToolStatus>(json), IKubeKind<Tool>
{
    public static ResourceDefinition Definition { get; } = GenkitApi.Namespaced("Tool", "tools");

    public static Tool FromJson(JsonObject json) => new(json);
}

public sealed record ToolSpec
{
    [Description("What the model is told: an object with name, description, inputSchema, outputSchema and metadata.")]
    [Required]
    public JsonNode? Definition { get; init; }

    [Description("Who answers. Set exactly one member.")]
    [Required]
    public ToolImplementation Implementation { get; init; } = new();
}

public sealed record ToolImplementation
{
    [Description("A Flow in the same namespace.")]
    public LocalReference? FlowRef { get; init; }

    [Description("An HTTP endpoint.")]
    public HttpImplementation? Http { get; init; }

    [Description("A server of the Model Context Protocol, over streamable HTTP.")]
    public McpImplementation? Mcp { get; init; }
}

public sealed record McpImplementation
{
    [Description("Secret whose keys and values are sent as request headers.")]
    public LocalReference? HeadersSecretRef { get; init; }

    [Description("Name of the server's tool; without it, all tools of the server.")]
    public string? Tool { get; init; }

    [Description("Absolute URL of the server's endpoint.")]
    [Required]
    [MinLength(1)]
    public string Url { get; init; } = "";
}

public sealed record HttpImplementation
{
    [Description("Secret whose keys and values are sent as request headers.")]
    public LocalReference? HeadersSecretRef { get; init; }

    [Description("HTTP method.")]
    [AllowedValues("GET", "POST", "PUT", "PATCH", "DELETE")]
    [DefaultValue("POST")]
    public string? Method { get; init; }

    [Description("Absolute URL of the endpoint.")]
    [Required]
    [MinLength(1)]
    public string Url { get; init; } = "";
}

public sealed record ToolStatus : GenkitStatus
{
    [Description("Who answers, for people: Flow/<name>, HTTP <url> or MCP <url>.")]
    public string? ResolvedTarget { get; init; }
}
