using Portal.Operator.Api;
using Portal.Operator.Tools;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>
/// What a runner reads about a Tool: the keys of the definition both at the top level and under <c>definition</c> (runners of this API read
/// one or the other), and <c>implementation</c> with all that is needed to call it.
/// </summary>
public static class ToolDescriptor
{
    /// <summary>Name of the Secret with the tool's headers; null when it has none.</summary>
    public static string? HeadersSecret(Tool tool) =>
        (tool.Spec.Implementation.Http?.HeadersSecretRef ?? tool.Spec.Implementation.Mcp?.HeadersSecretRef) is { Name.Length: > 0 } reference ? reference.Name : null;

    /// <summary>The same of a descriptor that was rendered before.</summary>
    /// <param name="descriptor">Its text.</param>
    public static string? HeadersSecretOf(string descriptor)
    {
        try
        {
            var implementation = JsonNode.Parse(descriptor)?["implementation"];
            return (implementation?["http"] ?? implementation?["mcp"])?["headersSecretRef"]?["name"]?.ToString();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Where a runner finds the Secret's headers, one file each.</summary>
    public static string HeadersDirectory(string secret) => $"{RuntimeLayout.DefaultRoot}/{RuntimeLayout.HeadersDirectory}/{secret}";

    /// <returns>Null when the definition is not an object.</returns>
    public static JsonObject? Render(Tool tool, Func<string, Flow?> findFlow)
    {
        if (tool.Spec.Definition is not JsonObject definition)
        {
            return null;
        }

        var descriptor = (JsonObject)definition.DeepClone();
        descriptor["definition"] = definition.DeepClone();
        descriptor["implementation"] = tool.Spec.Implementation switch
        {
            { FlowRef.Name: { Length: > 0 } name } => new JsonObject { ["flowRef"] = FlowTarget(name, tool.Namespace, findFlow(name)) },
            { Http: { Url.Length: > 0 } http } => new JsonObject { ["http"] = HttpTarget(http) },
            { Mcp: { Url.Length: > 0 } server } => new JsonObject { ["mcp"] = McpTarget(server) },
            _ => new JsonObject(),
        };
        return descriptor;
    }

    private static JsonObject FlowTarget(string name, string? @namespace, Flow? flow)
    {
        var target = new JsonObject { ["name"] = name };
        if (flow is not null)
        {
            target["url"] = $"http://{name}.{@namespace}.svc:{flow.Spec.Port ?? RunnerSpec.DefaultPort}";
            target["path"] = $"/{name}";
        }

        return target;
    }

    private static JsonObject HttpTarget(HttpImplementation http)
    {
        var target = new JsonObject { ["url"] = http.Url, ["method"] = http.Method ?? "POST" };
        return WithHeaders(target, http.HeadersSecretRef);
    }

    private static JsonObject McpTarget(McpImplementation server)
    {
        var target = new JsonObject { ["url"] = server.Url };
        if (server.Tool is { Length: > 0 } tool)
        {
            target["tool"] = tool;
        }

        return WithHeaders(target, server.HeadersSecretRef);
    }

    private static JsonObject WithHeaders(JsonObject target, LocalReference? secret)
    {
        if (secret is { Name.Length: > 0 })
        {
            target["headersSecretRef"] = new JsonObject { ["name"] = secret.Name, ["dir"] = HeadersDirectory(secret.Name) };
        }

        return target;
    }
}
