using Microsoft.Extensions.Primitives;
using Portal.Auth.Options;

namespace Portal.Auth;

/// <summary>
/// Follows <c>Portal:Auth:Roles</c> when the configuration changes while the portal runs. What has a mistake in it is not taken: the roles from before hold until
/// it is mended. Everything else of the configuration counts from the next start on.
/// </summary>
internal sealed partial class RoleReload(IConfiguration configuration, PortalOptions options, AccessPolicy policy, ILogger<RoleReload> logger) : IHostedService, IDisposable
{
    private IDisposable? _changes;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // In local mode the roles are those of the made-up people.
        _changes = options.SignIn.HasSignIn ? ChangeToken.OnChange(configuration.GetReloadToken, Reload) : null;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _changes?.Dispose();

    private void Reload()
    {
        var errors = new List<string>();
        var read = AuthOptionsReader.Read(configuration, errors);
        if (errors.Count > 0 || !read.HasSignIn)
        {
            // A file is seen half written, too.
            Log.NotTaken(logger, errors.Count > 0 ? string.Join(' ', errors) : "There is no provider to sign in with any more.");
            return;
        }

        policy.Use(read.Roles);
        Log.Taken(logger, read.Roles.Count);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The configuration changed: {Count} role bindings hold now")]
        public static partial void Taken(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Error, "The configuration changed and has mistakes; the role bindings from before hold. {Mistakes}")]
        public static partial void NotTaken(ILogger logger, string mistakes);
    }
}
