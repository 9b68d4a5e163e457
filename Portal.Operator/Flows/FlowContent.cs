using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>What the runners of a Flow or FlowSet say that they serve.</summary>
internal sealed record ServedContent
{
    /// <summary>Pods that were asked.</summary>
    public required int Asked { get; init; }

    /// <summary>Pods that answered.</summary>
    public required int Answered { get; init; }

    /// <summary>Pods that have read all that was applied.</summary>
    public required int Current { get; init; }

    /// <summary>What is wrong with a flow, by its path, with the words of the first pod that says so; under an empty path, with all of them.</summary>
    public required IReadOnlyDictionary<string, string> Problems { get; init; }

    /// <summary>Whether pods have had more than the progress deadline to read a change.</summary>
    public required bool IsLate { get; init; }

    /// <summary>Whether the roll-out is so young that pods which cannot be asked may still be about to come into reach.</summary>
    public required bool IsFresh { get; init; }

    public bool IsCurrent => Answered > 0 && Answered == Asked && Current == Asked;
}

/// <summary>
/// Asks the pods behind a Service what they have read. They are found by its EndpointSlices, wherever they run, and asked at <c>GET /</c>.
/// Their words are untrusted: they are short, and never followed.
/// </summary>
internal sealed class FlowContent(InformerFactory informers, HttpMessageInvoker http, TimeProvider timeProvider)
{
    public const int DefaultDeadlineSeconds = 600;
    private const int MaxAnswer = 256 * 1024;
    private const int MaxProblem = 300;

    // Of many pods these many are asked: what one of them has not read, others are likely not to have read either.
    private const int MaxPods = 50;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_syncTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(30);

    public static HttpMessageInvoker CreateHttp() =>
        new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = s_timeout, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10) });

    /// <summary>Asks all pods at the same time.</summary>
    /// <param name="owner">The Flow or FlowSet; its Service has its name.</param>
    /// <param name="spec">Its spec.</param>
    /// <param name="digest"><see cref="ContentDigest"/> of what was applied.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ServedContent> AskAsync(KubeObject owner, RunnerSpec spec, string digest, CancellationToken cancellationToken)
    {
        // Watched from the first time it is needed: many clusters have no use for it.
        var slices = informers.Get<ServiceEndpoints>();
        await slices.WaitForSyncAsync(cancellationToken).WaitAsync(s_syncTime, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        var addresses = slices.Store.List(owner.Namespace).Where(slice => slice.Service == owner.Name).SelectMany(slice => slice.Addresses).Distinct().Take(MaxPods).ToList();
        var reports = await Task.WhenAll(addresses.Select(address => FindReportAsync(address, cancellationToken))).ConfigureAwait(false);
        var answers = reports.OfType<RunnerReport>().ToList();
        var (ready, now) = (owner.FindCondition(ConditionTypes.Ready), timeProvider.GetUtcNow());
        var waits = ready is { IsTrue: false, Reason: ConditionReasons.Reloading or ConditionReasons.ProgressDeadlineExceeded };
        return new ServedContent
        {
            Asked = addresses.Count,
            Answered = answers.Count,
            Current = answers.Count(answer => answer.Content == digest),
            Problems = ProblemsOf(answers),
            IsLate = waits && now - ready!.LastTransitionTime > TimeSpan.FromSeconds(spec.ProgressDeadlineSeconds ?? DefaultDeadlineSeconds),
            IsFresh = ready is not { IsTrue: true } || now - ready.LastTransitionTime < s_fresh,
        };
    }

    private static SortedDictionary<string, string> ProblemsOf(List<RunnerReport> answers)
    {
        var problems = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var answer in answers)
        {
            if (answer.Problem is { } all)
            {
                problems.TryAdd("", Short(all));
            }

            foreach (var flow in answer.Flows.Where(flow => flow.State != "ready"))
            {
                problems.TryAdd(flow.Path, Short(flow.Problem ?? flow.State));
            }
        }

        return problems;
    }

    private static string Short(string text) => text.Length <= MaxProblem ? text : string.Concat(text.AsSpan(0, MaxProblem - 1), "…");

    /// <summary>Null when the pod gives no answer, or not one of a runner of ours.</summary>
    private async Task<RunnerReport?> FindReportAsync(Uri address, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_timeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await http.SendAsync(request, linked.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MaxAnswer, linked.Token).ConfigureAwait(false);
            var report = response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(linked.Token).ConfigureAwait(false), RunnerReportJson.Default.RunnerReport)
                : null;
            return report?.Content is null ? null : report;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
