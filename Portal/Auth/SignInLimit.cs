using System.Threading.RateLimiting;

namespace Portal.Auth;

/// <summary>How often one address may try to sign in: often enough for an office behind one, not for guessing or for filling the audit.</summary>
internal static class SignInLimit
{
    private const int Most = 300;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);
    private static readonly PathString[] s_paths = ["/auth/sign-in", "/auth/callback", "/auth/backchannel-logout"];

    public static IServiceCollection AddSignInLimit(this IServiceCollection services) => services.AddRateLimiter(static options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(static context =>
            s_paths.Any(path => context.Request.Path.StartsWithSegments(path))
                ? RateLimitPartition.GetFixedWindowLimiter(
                    context.Connection.RemoteIpAddress?.ToString() ?? "", static _ => new FixedWindowRateLimiterOptions { PermitLimit = Most, Window = s_window })
                : RateLimitPartition.GetNoLimiter(""));
        options.OnRejected = static async (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = ((int)s_window.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            await Results.Problem("Too many attempts to sign in from this address. Wait a minute.", statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(context.HttpContext);
        };
    });
}
