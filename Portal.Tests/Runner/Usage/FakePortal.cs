using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Portal.Tests.Runner.Usage;

/// <summary>The portal's ingest as a handler: remembers the call ids it took, once each; answers what a test says instead when it says so.</summary>
internal sealed class FakePortal : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = [];
    private readonly Channel<IReadOnlyList<string>> _batches = Channel.CreateUnbounded<IReadOnlyList<string>>();

    /// <summary>Answers a batch of these call ids; null takes it.</summary>
    public Func<IReadOnlyList<string>, HttpResponseMessage?> Answer { get; set; } = static _ => null;

    public string? Authorization { get; private set; }

    public IReadOnlySet<string> Known
    {
        get
        {
            lock (_lock)
            {
                return _known.ToHashSet();
            }
        }
    }

    /// <summary>The call ids of the next batch that arrives, whether it is taken or not.</summary>
    public async Task<IReadOnlyList<string>> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _batches.Reader.ReadAsync(patience.Token);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = JsonNode.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken))!;
        List<string> ids = [.. body["records"]!.AsArray().Select(record => (string)record!["callId"]!)];
        Authorization = request.Headers.Authorization?.ToString();
        try
        {
            return Answer(ids) ?? Take(ids);
        }
        finally
        {
            _batches.Writer.TryWrite(ids);
        }
    }

    private HttpResponseMessage Take(List<string> ids)
    {
        lock (_lock)
        {
            var added = ids.Count(_known.Add);
            return new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent($$"""{"accepted":{{added}},"duplicates":{{ids.Count - added}},"rejected":[]}""", Encoding.UTF8, "application/json"),
            };
        }
    }
}
