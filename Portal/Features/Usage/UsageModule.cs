using Portal.Auth;
using Portal.Data;
using Portal.Features.Usage.Recompute;
using Portal.Runner.Contract;

namespace Portal.Features.Usage;

/// <summary>What calls used: taken from runners and the playground, kept, shown.</summary>
public static class UsageModule
{
    public static IServiceCollection AddUsage(this IServiceCollection services)
    {
        services.AddSingleton<UsageLog>();
        services.AddSingleton<UsageGroups>();
        services.AddSingleton<UsageIngest>();
        services.AddSingleton<Recomputations>();
        services.AddLeaderService<RecomputeWorker>();
        services.AddLeaderService<UsageRetention>();
        return services;
    }

    public static void MapUsageApi(this IEndpointRouteBuilder app)
    {
        RecomputeApi.Map(app);
        app.MapPost(UsageBatch.Path, (HttpContext context, UsageIngest ingest) => ingest.TakeAsync(context))
            .OpenToAll("Takes a token of its own.")
            .WithName("SendUsage").WithTags("Usage").Produces<UsageReceipt>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests);
    }
}
