using Portal.Operator.Tools;

namespace Portal.Operator.Flows;

/// <summary>
/// What a runner reads about a Tool: the keys of the definition both at the top level and under <c>definition</c> (runners of this API read
/// one or the other), and <c>implementation</c> with all that is needed to call it.
/// </summary>
internal static class ToolDescriptor
{
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
            { Http: { } http } => new JsonObject { ["http"] = HttpTarget(http) },
            _ => new JsonObject(),
        };
        return descriptor;
    }

    private static JsonObject FlowTarget(string name, string? @namespace, Flow? flow)
    {
        var target = new JsonObject { ["name"] = name };
        if (flow is not null)
        {
            target["url"] = $"http://{name}.{@namespace}.svc:{flow.Spec.Port ?? FlowSpec.DefaultPort}";
            target["path"] = $"/{name}";
        }

        return target;
    }

    private static JsonObject HttpTarget(HttpImplementation http)
    {
        var target = new JsonObject { ["url"] = http.Url, ["method"] = http.Method ?? "POST" };
        if (http.HeadersSecretRef is { Name.Length: > 0 } headers)
        {
            target["headersSecretRef"] = new JsonObject { ["name"] = headers.Name };
        }

        return target;
    }
}
