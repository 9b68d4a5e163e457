using Portal.Features.Prices;
using Portal.Runner.Contract;

namespace Portal.Tests.Portal.Costs;

/// <summary>
/// An accountant beside the portal: random calls, and what each of them costs by the price list, reckoned from the pieces the calls were made of in plain decimal
/// arithmetic and without anything of the portal.
/// </summary>
internal sealed class Ledger(Random random, string name, DateTimeOffset from, DateTimeOffset change)
{
    private readonly string[] _tiers = ["default", "batch", "flex", "priority"];

    /// <summary>Prices by provider; each model has two, the second from <c>change</c> on.</summary>
    public List<PriceForm> Prices { get; } = [];

    /// <summary>Percent off, by provider, from <c>change</c> on.</summary>
    public Dictionary<string, decimal> Discounts { get; } = [];

    public List<(UsageRecord Record, IReadOnlyList<Pieces> Requests)> Calls { get; } = [];

    public void Fill(int providers, int calls)
    {
        for (var provider = 0; provider < providers; provider++)
        {
            Discounts[ProviderOf(provider)] = provider % 2 == 0 ? 0 : 12.5m;
            for (var model = 0; model < 2; model++)
            {
                Prices.Add(PriceOf(provider, model, from.AddDays(-30)));
                Prices.Add(PriceOf(provider, model, change));
            }
        }

        for (var call = 0; call < calls; call++)
        {
            Calls.Add(CallOf(call, random.Next(providers), random.Next(3)));
        }
    }

    /// <summary>What a call costs, in units of its currency; null when its model has no price.</summary>
    public (decimal Amount, string Currency)? CostOf((UsageRecord Record, IReadOnlyList<Pieces> Requests) call)
    {
        var record = call.Record;
        if (Prices.Where(price => price.Provider == record.Provider && price.Model == record.Model && price.ValidFrom <= record.StartedAt).MaxBy(price => price.ValidFrom) is not { } price)
        {
            return null;
        }

        var amount = call.Requests.Sum(request => AmountOf(price, request));
        var percent = record.StartedAt >= change ? Discounts[record.Provider] : 0;
        return (decimal.Round(amount * (1 - (percent / 100)), 9, MidpointRounding.AwayFromZero), price.Currency);
    }

    public string ProviderOf(int index) => $"{name}-{index}";

    private static decimal AmountOf(PriceForm price, Pieces request)
    {
        var rates = price.Tiers.Where(tier => request.Input > tier.AboveInputTokens).MaxBy(tier => tier.AboveInputTokens)?.PerMillion ?? price.PerMillion!;
        var (input, output) = (rates.Input!.Value, rates.Output!.Value);
        var tokens = (request.Text * input)
            + (request.Cached * (rates.CachedInput ?? input))
            + (request.CachedAudio * (rates.CachedAudio ?? rates.CachedInput ?? rates.InputAudio ?? input))
            + (request.Written * (rates.CacheWrite ?? input))
            + (request.WrittenHour * (rates.CacheWriteHour ?? rates.CacheWrite ?? input))
            + (request.Audio * (rates.InputAudio ?? input))
            + (request.Image * (rates.InputImage ?? input))
            + (request.Answer * output)
            + (request.Reasoning * (rates.Reasoning ?? output))
            + (request.OutputAudio * (rates.OutputAudio ?? output))
            + (request.OutputImage * (rates.OutputImage ?? output));
        var amount = (tokens / 1_000_000m) + (request.Requests * price.PerRequest);
        return request.Tier is "batch" or "flex" ? amount * (1 - (price.BatchDiscountPercent / 100)) : amount;
    }

    private PriceForm PriceOf(int provider, int model, DateTimeOffset validFrom) => new()
    {
        Provider = ProviderOf(provider),
        Model = $"model-{(char)('a' + model)}",
        ValidFrom = validFrom,
        Currency = provider % 3 == 2 ? "EUR" : "USD",
        PerMillion = RatesOf(),
        PerRequest = random.Next(2) == 0 ? 0 : random.Next(1, 500) / 100_000m,
        BatchDiscountPercent = 50,
        Tiers = random.Next(2) == 0 ? [] : [new TierForm { AboveInputTokens = 200_000, PerMillion = RatesOf() }],
        Note = "contract",
    };

    // Some classes have no price of their own and cost what they are part of.
    private RatesForm RatesOf() => new()
    {
        Input = 20 + Money(),
        Output = Money(),
        CachedInput = Sometimes() / 2,
        CacheWrite = Sometimes(),
        CacheWriteHour = 40 + Sometimes(),
        Reasoning = Sometimes(),
        InputAudio = Sometimes(),
        OutputAudio = Sometimes(),
        CachedAudio = Sometimes(),
        InputImage = Sometimes(),
        OutputImage = Sometimes(),
    };

    private decimal Money() => random.Next(1, 40_000) / 1_000m;

    private decimal? Sometimes() => random.Next(3) == 0 ? null : Money();

    /// <param name="model">The third has no price.</param>
    private (UsageRecord Record, IReadOnlyList<Pieces> Requests) CallOf(int index, int provider, int model)
    {
        var requests = Enumerable.Range(0, random.Next(4) == 0 ? random.Next(2, 5) : 1).Select(_ => PiecesOf()).ToList();
        return (new UsageRecord
        {
            CallId = $"{name}-{index:00000}",
            StartedAt = from.AddSeconds(random.Next((int)TimeSpan.FromDays(5).TotalSeconds)),
            Namespace = "team",
            Flow = $"flow-{random.Next(4)}",
            Provider = ProviderOf(provider),
            Model = $"model-{(char)('a' + model)}",
            Usage = requests.Select(request => request.ToUsage()).Aggregate(TokenUsage.Sum),
            Turns = requests.Count > 1 ? [.. requests.Select(request => request.ToUsage())] : null,
            FinishReason = "stop",
            Duration = TimeSpan.FromMilliseconds(random.Next(5000)),
            Caller = $"user-{random.Next(6)}",
            Team = name,
        }, requests);
    }

    private Pieces PiecesOf() => new(
        random.Next(20) == 0 ? random.Next(150_000, 400_000) : random.Next(5_000), Piece(), Piece(), Piece(), Piece(), Piece(), Piece(), random.Next(2_000), Piece(), Piece(), Piece(),
        random.Next(3) == 0 ? random.Next(1, 4) : 1, _tiers[random.Next(_tiers.Length)]);

    private int Piece() => random.Next(3) == 0 ? random.Next(3_000) : 0;

    /// <summary>Tokens of a request, each in one class only.</summary>
    internal sealed record Pieces(
        int Text, int Cached, int CachedAudio, int Written, int WrittenHour, int Audio, int Image, int Answer, int Reasoning, int OutputAudio, int OutputImage, int Requests, string Tier)
    {
        public int Input => Text + Cached + CachedAudio + Written + WrittenHour + Audio + Image;

        public TokenUsage ToUsage() => new()
        {
            InputTokens = Input,
            OutputTokens = Answer + Reasoning + OutputAudio + OutputImage,
            CachedInputTokens = Cached + CachedAudio,
            CacheWriteTokens = Written + WrittenHour,
            CacheWriteHourTokens = WrittenHour,
            ReasoningTokens = Reasoning,
            InputAudioTokens = Audio + CachedAudio,
            OutputAudioTokens = OutputAudio,
            CachedAudioTokens = CachedAudio,
            InputImageTokens = Image,
            OutputImageTokens = OutputImage,
            Requests = Requests,
            ServiceTier = Tier,
        };
    }
}
