using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Features.Prices;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Providers;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Prices;

/// <summary>
/// Answers in the vendors' own shapes, whole, streamed and cut off, through the engine to the billionth of a dollar. The first line of a case says what must
/// come out of what follows; of Bedrock's streams each line is one event.
/// </summary>
public sealed class ProviderPayloadTests
{
    private static readonly DateTimeOffset s_day = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string s_folder = Repository.Path("Portal.Tests", "Portal", "Prices", "payloads");

    /// <summary>With prices for what has none: sound, pictures, each request.</summary>
    private static readonly PriceBook s_book = new(
        [
            Entered("openai", "gpt-4o-audio-preview", new PriceRates { Input = Nanos(2.5m), Output = Nanos(10), InputAudio = Nanos(40), OutputAudio = Nanos(80) }),
            Entered("openai", "gpt-4o-search-preview", new PriceRates { Input = Nanos(2.5m), Output = Nanos(10) }) with { Request = Nanos(0.035m) },
            Entered("openai", "gpt-image-chat", new PriceRates { Input = Nanos(5), Output = Nanos(20), InputImage = Nanos(10), OutputImage = Nanos(40) }),
            Entered("googleai", "gemini-2.5-flash-image", new PriceRates { Input = Nanos(0.3m), Output = Nanos(2.5m), OutputImage = Nanos(30) }),
        ],
        []);

    public static TheoryData<string> Cases => [.. Names];

    private static IEnumerable<string> Names => Directory.EnumerateFiles(s_folder, "*.case").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Payload_OfAProvider_IsCountedAndPricedExactly(string name)
    {
        var (head, body) = Read(name);

        var used = await CallAsync(head, body);

        Assert.Equal(head["usage"]!.Deserialize<TokenUsage>(JsonSerializerOptions.Web), used.Usage);
        var cost = s_book.Calculate(used.Provider, used.Model, used.Turns ?? [used.Usage], s_day);
        Assert.Equal(head["cost"] is { } dollars ? decimal.Parse(dollars.ToString(), CultureInfo.InvariantCulture) : null, cost?.Nanos / 1_000_000_000m);
    }

    [Fact]
    public void Cases_Always_HoldEveryProviderWholeStreamedAndCut()
    {
        var cases = Names.Select(name => Read(name).Head).ToList();

        foreach (var provider in ProviderCredentials.Types.Where(static type => type != "demo"))
        {
            var own = cases.Where(head => head["provider"]!.ToString() == provider).ToList();
            Assert.Contains(own, head => head["stream"]!.GetValue<bool>() is false);
            Assert.Contains(own, head => head["stream"]!.GetValue<bool>() && head["cut"] is null);
            Assert.Contains(own, head => head["cut"] is not null);
        }
    }

    private static (JsonNode Head, string Body) Read(string name)
    {
        var text = File.ReadAllText(Path.Combine(s_folder, name + ".case"));
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return (JsonNode.Parse(text[..end])!, text[(end + 1)..]);
    }

    private static async Task<UsageRecord> CallAsync(JsonNode head, string body)
    {
        var (provider, isStream) = (head["provider"]!.ToString(), head["stream"]!.GetValue<bool>());
        using var handler = new ScriptedHandler((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = ContentOf(provider, isStream, body) }));
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var time = new ManualTimeProvider();
        var meter = new CallMeter(time);
        var settings = new JsonObject { ["projectId"] = "p", ["location"] = "europe-west4", ["region"] = "eu-central-1", ["maxRetries"] = 0 };
        settings[provider switch { "azureaifoundry" => "endpoint", "ollama" => "serverAddress", _ => "baseURL" }] = "https://models.test";
        var call = new GenerateCall
        {
            Prompt = DotpromptDocument.Parse("Hi"),
            Environment = new RenderEnvironment(),
            Runtime = new RuntimeConfig
            {
                DefaultModel = new RuntimeModel { Provider = provider, Model = head["model"]!.ToString() },
                Plugin = new RuntimePlugin { Type = provider, ExtraConfig = settings },
            },
            Credentials = new DictionaryCredentials(
                ("OPENAI_API_KEY", "k"), ("AZURE_OPENAI_API_KEY", "k"), ("ANTHROPIC_API_KEY", "k"), ("GEMINI_API_KEY", "k"), ("GOOGLE_OAUTH_ACCESS_TOKEN", "k"),
                ("AWS_BEARER_TOKEN_BEDROCK", "k")),
            Stream = isStream,
            Meter = meter,
        };
        var ended = await Record.ExceptionAsync(() => new FlowEngine(ProviderCatalog.Create(client, time), time).StreamAsync(call, CancellationToken.None).ToListAsync().AsTask());
        Assert.Equal(head["cut"] is not null, ended is GenkitException { Status: GenkitStatus.Unavailable });
        Assert.True(ended is null or GenkitException, ended?.ToString());
        return meter.Record("stop");
    }

    private static HttpContent ContentOf(string provider, bool isStream, string body)
    {
        var bytes = provider == "bedrock" && isStream
            ? [.. body.Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(line => AwsFrames.Of(line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]))]
            : Encoding.UTF8.GetBytes(body);
        var type = !isStream ? "application/json" : provider switch { "bedrock" => "application/vnd.amazon.eventstream", "ollama" => "application/x-ndjson", _ => "text/event-stream" };
        return new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
    }

    private static Price Entered(string provider, string model, PriceRates rates) =>
        new() { Id = 1, Provider = provider, Model = model, ValidFrom = s_day.AddDays(-1), Rates = rates };

    private static long Nanos(decimal dollars) => (long)(dollars * 1_000_000_000m);
}
