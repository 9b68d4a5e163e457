using Portal.Operator.Flows;

namespace Portal.Features.Flows.Proxy;

/// <summary>Sends a call to whichever place of a flow can be reached.</summary>
internal sealed partial class FlowCaller(IFlowTargets targets, TimeProvider timeProvider, ILogger<FlowCaller> logger)
{
    private static readonly TimeSpan s_endpointWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_endpointPoll = TimeSpan.FromMilliseconds(25);

    /// <summary>Raised after a flow answered a call with success; handlers must be quick.</summary>
    public event Action? Answered;

    /// <summary>The answer's head, its body still to be read; null when nothing answers for the flow and nothing was sent.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="path">Path and query below the runner's root, without a leading slash.</param>
    /// <param name="body">Body of the call.</param>
    /// <param name="prepare">Adds headers.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<HttpResponseMessage?> SendAsync(
        Flow flow, string path, ReadOnlyMemory<byte> body, Action<HttpRequestMessage> prepare, CancellationToken cancellationToken)
    {
        foreach (var target in await FindTargetsAsync(flow, cancellationToken))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(target.Root, path)) { Content = new ReadOnlyMemoryContent(body) };
            prepare(request);
            try
            {
                var response = await target.Client.SendAsync(request, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    Answered?.Invoke();
                }

                return response;
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
            {
                Log.NotReached(logger, target.Root, exception.Message);
            }
        }

        return null;
    }

    // A flow can become Ready a moment before its endpoints arrive here: they are two watches.
    private async Task<IReadOnlyList<FlowTarget>> FindTargetsAsync(Flow flow, CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        while (true)
        {
            var found = await targets.FindAsync(flow.Namespace!, flow.Name, cancellationToken);
            if (found.Count > 0 || flow.FindCondition("Ready")?.IsTrue != true || timeProvider.GetElapsedTime(start) > s_endpointWait)
            {
                return found;
            }

            await Task.Delay(s_endpointPoll, timeProvider, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No answer at {Address}: {Reason}")]
        public static partial void NotReached(ILogger logger, Uri address, string reason);
    }
}
