using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Portal.Runner.Contract;

namespace Portal.Embedded.Workloads;

/// <summary>
/// Lets runners of this machine tell the portal of their calls. All share one spool, so that what a killed runner, or a killed portal, left is picked up
/// by whichever starts next.
/// </summary>
internal sealed partial class LocalUsage
{
    private readonly TaskCompletionSource<Uri?> _portal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DataDirectory _data;
    private readonly UsageToken _token;

    public LocalUsage(DataDirectory data, UsageToken token, IServer server, IHostApplicationLifetime lifetime, ILogger<LocalUsage> logger)
    {
        (_data, _token) = (data, token);
        lifetime.ApplicationStarted.Register(() =>
        {
            var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            var address = addresses.FirstOrDefault(static address => address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !address.Contains("unix:", StringComparison.Ordinal));
            if (address is null)
            {
                // A certificate for people's name of the portal is rarely one for loopback.
                Log.NoAddress(logger);
            }

            _portal.TrySetResult(address is null ? null : new Uri(address));
        });
    }

    /// <summary>The variables with those of usage, as soon as the portal listens; what the container sets itself stays.</summary>
    public async Task<IReadOnlyDictionary<string, string>> AddToAsync(IReadOnlyDictionary<string, string> variables, string @namespace, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal) { [RuntimeLayout.NamespaceVariable] = @namespace };
        if (await _portal.Task.WaitAsync(cancellationToken) is { } portal && !variables.ContainsKey(RuntimeLayout.UsageUrlVariable))
        {
            all[RuntimeLayout.UsageUrlVariable] = portal.GetLeftPart(UriPartial.Authority);
            all[RuntimeLayout.UsageTokenVariable] = _token.Local;
            all[RuntimeLayout.UsageSpoolVariable] = _data.Usage;
        }

        foreach (var (name, value) in variables)
        {
            all[name] = value;
        }

        return all;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The portal listens on no http address of this machine: calls of local flows are not recorded")]
        public static partial void NoAddress(ILogger logger);
    }
}
