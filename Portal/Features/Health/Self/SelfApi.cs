using Portal.Auth;

namespace Portal.Features.Health.Self;

/// <summary>The portal's own status for programs.</summary>
internal static class SelfApi
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/status", (SelfStatus status) => status.ReadAsync()).Requires(Permission.ReadNamespace, somewhere: true).WithName("GetStatus").WithTags("Status");
}
