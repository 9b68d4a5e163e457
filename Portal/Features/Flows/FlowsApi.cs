using Portal.Auth;
using Portal.Features.Flows.Chain;
using Portal.Features.Usage;

namespace Portal.Features.Flows;

/// <summary>The REST API of flows and namespaces: what the pages show, for programs.</summary>
internal static class FlowsApi
{
    private const int MostCalls = 10_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").WithTags("Flows");
        api.MapGet("/namespaces", (FlowDirectory directory, CurrentUser user) =>
            new NameList([.. directory.Namespaces.Store.List().Select(item => item.Name).Where(name => user.May(Permission.ReadNamespace, name))]))
            .RequiresSignIn().WithName("ListNamespaces");
        api.MapGet("/namespaces/{namespace}/flows", (string @namespace, FlowDirectory directory) =>
            new FlowList([.. directory.Flows.Store.List(@namespace).Select(flow => FlowSummary.Of(flow, directory))])).Requires(Permission.ReadNamespace).WithName("ListFlows");
        api.MapGet("/namespaces/{namespace}/flows/{name}", Get).Requires(Permission.ReadNamespace).WithName("GetFlow")
            .Produces<FlowDetail>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/namespaces/{namespace}/flows/{name}/calls", ListCallsAsync).Requires(Permission.ReadNamespace).WithName("ListCalls")
            .Produces<CallList>().ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ListCallsAsync(string @namespace, string name, UsageLog usage, CancellationToken cancellationToken, int limit = 100) =>
        limit is < 1 or > MostCalls
            ? Results.Problem($"limit must be from 1 to {MostCalls}.", statusCode: StatusCodes.Status400BadRequest)
            : Results.Ok(new CallList([.. (await usage.RecentAsync(@namespace, name, limit, cancellationToken)).Select(CallSummary.Of)]));

    private static IResult Get(string @namespace, string name, FlowDirectory directory) =>
        directory.Find(@namespace, name) is { } flow
            ? Results.Ok(new FlowDetail(
                FlowSummary.Of(flow, directory), flow.Conditions, ReferenceChain.Of(flow, directory), [.. directory.PodsOf(flow).Select(PodSummary.Of)]))
            : Results.Problem($"There is no flow \"{name}\" in the namespace \"{@namespace}\".", statusCode: StatusCodes.Status404NotFound);
}

public sealed record NameList(IReadOnlyList<string> Items);

public sealed record FlowList(IReadOnlyList<FlowSummary> Items);

/// <summary>Calls of a flow, newest first.</summary>
public sealed record CallList(IReadOnlyList<CallSummary> Items);
