using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Features.Prices;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Prices;

public sealed class PriceStoreTests : IDisposable
{
    private static readonly DateTimeOffset s_from = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TokenUsage s_million = new() { InputTokens = 1_000_000, OutputTokens = 0 };

    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly PriceBook _book = new();
    private readonly CurrentUser _me = TestUsers.Administrator();
    private readonly PriceStore _store;

    public PriceStoreTests() => _store = new PriceStore(_test.Database, _book, _test.Audit, _clock);

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Save_Price_IsInForceAndOverTheListPrice()
    {
        Assert.Equal(2.5m, DollarsAt(s_from.AddDays(9)));

        var saved = await SaveAsync(Form(2m));

        Assert.True(saved.Price!.Id > 0);
        Assert.Equal((2.5m, 2m), (DollarsAt(s_from.AddSeconds(-1)), DollarsAt(s_from)));
        Assert.Equal(["price.added"], await ActionsAsync());
    }

    [Fact]
    public async Task Save_PriceThatChangesTwiceInAnHour_EachMomentHasItsOwn()
    {
        await SaveAsync(Form(2m));
        await SaveAsync(Form(3m) with { ValidFrom = s_from.AddMinutes(20) });
        await SaveAsync(Form(4m) with { ValidFrom = s_from.AddMinutes(40) });

        Assert.Equal([2m, 3m, 3m, 4m], new[] { 19.9, 20, 39.9, 40 }.Select(minute => DollarsAt(s_from.AddMinutes(minute))));
    }

    [Fact]
    public async Task Save_Correction_TakesTheOldOneOutOfForceAndCanBeTakenBack()
    {
        var first = (await SaveAsync(Form(2m))).Price!;
        var second = (await _store.SaveAsync(_me, Form(20m), first.Id, default)).Price!;
        Assert.Equal(20m, DollarsAt(s_from));

        var late = await _store.SaveAsync(_me, Form(21m), first.Id, default);
        Assert.Equal("id", Assert.Single(late.Problems).Field);

        await _store.RestoreAsync(_me, first.Id, default);
        Assert.Equal(2m, DollarsAt(s_from));
        Assert.Equal(2, _book.Current.Prices.Count(price => !price.IsShipped && price.Model == "gpt-4o") + 1);
        await _store.RestoreAsync(_me, second.Id, default);
        Assert.Equal(20m, DollarsAt(s_from));
        Assert.Equal(["price.added", "price.changed", "price.restored", "price.restored"], await ActionsAsync());

        // As it is read after a restart.
        var (prices, _) = _test.Database.Read(PriceStore.Read);
        Assert.Equal(20_000_000_000, Assert.Single(prices).Rates.Input);
    }

    [Fact]
    public async Task Remove_Price_LeavesTheListPrice()
    {
        var price = (await SaveAsync(Form(2m))).Price!;

        await _store.RemoveAsync(_me, price.Id, default);

        Assert.Equal(2.5m, DollarsAt(s_from));
        Assert.Equal("id", (await _store.RemoveAsync(_me, price.Id, default)).Problems.Single().Field);
        Assert.Equal("id", (await _store.RemoveAsync(_me, -5, default)).Problems.Single().Field);
    }

    [Theory]
    [InlineData("""{"model":""}""", "model")]
    [InlineData("""{"validFrom":null}""", "validFrom")]
    [InlineData("""{"validFrom":"1999-01-01T00:00:00Z"}""", "validFrom")]
    [InlineData("""{"currency":"dollars"}""", "currency")]
    [InlineData("""{"perMillion":{"input":1}}""", "perMillion.output")]
    [InlineData("""{"perMillion":{"input":1,"output":-1}}""", "perMillion.output")]
    [InlineData("""{"perMillion":{"input":1,"output":10001}}""", "perMillion.output")]
    [InlineData("""{"perMillion":{"input":1.0000000001,"output":1}}""", "perMillion.input")]
    [InlineData("""{"perMillion":{"input":1,"output":1,"cachedInput":2}}""", "perMillion.cachedInput")]
    [InlineData("""{"perMillion":{"input":1,"output":1,"cacheWrite":2,"cacheWriteHour":1}}""", "perMillion.cacheWriteHour")]
    [InlineData("""{"batchDiscountPercent":101}""", "batchDiscountPercent")]
    [InlineData("""{"perRequest":-1}""", "perRequest")]
    [InlineData("""{"tiers":[{"aboveInputTokens":0,"perMillion":{"input":1,"output":1}}]}""", "tiers[0].aboveInputTokens")]
    [InlineData("""{"tiers":[{"aboveInputTokens":5,"perMillion":{"input":1}}]}""", "tiers[0].perMillion.output")]
    [InlineData("""{"note":"a\u0000b"}""", "note")]
    public async Task Save_WrongField_IsRefusedByItsName(string change, string field)
    {
        var form = (JsonObject)JsonSerializer.SerializeToNode(Form(1m), JsonSerializerOptions.Web)!;
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(change)!)
        {
            form[name] = value?.DeepClone();
        }

        var result = await SaveAsync(form.Deserialize<PriceForm>(JsonSerializerOptions.Web)!);

        Assert.Equal(field, Assert.Single(result.Problems).Field);
        Assert.Empty(await ActionsAsync());
    }

    [Theory]
    [InlineData("gpt-4o", "USD", 0, "validFrom")]
    [InlineData("gpt-4o", "EUR", 60, "currency")]
    [InlineData("gpt-4o", "USD", 60, null)]
    public async Task Save_BesideAnother_ContradictionsAreRefused(string model, string currency, int minutes, string? field)
    {
        await SaveAsync(Form(2m));

        var result = await SaveAsync(Form(3m) with { Model = model, Currency = currency, ValidFrom = s_from.AddMinutes(minutes) });

        Assert.Equal(field, result.Problems.SingleOrDefault()?.Field);
    }

    [Fact]
    public async Task Save_PatternsThatNeitherSaysMore_AreRefusedTogether()
    {
        await SaveAsync(Form(2m) with { Model = "my-*-model" });

        Assert.Equal("model", (await SaveAsync(Form(3m) with { Model = "my-model-*" })).Problems.Single().Field);
        Assert.Empty((await SaveAsync(Form(3m) with { Model = "my-model-1*" })).Problems);
        Assert.Empty((await SaveAsync(Form(3m) with { Model = "it-*-models" })).Problems);
    }

    [Fact]
    public async Task Discount_OfAProvider_IsTakenOffFromItsInstantOn()
    {
        await _store.SetDiscountAsync(_me, new PriceDiscountForm { Provider = "OpenAI", ValidFrom = s_from, Percent = 12.5m, Note = "contract" }, default);

        Assert.Equal((2.5m, 2.1875m), (DollarsAt(s_from.AddSeconds(-1)), DollarsAt(s_from)));
        await _store.SetDiscountAsync(_me, new PriceDiscountForm { Provider = "openai", ValidFrom = s_from, Percent = 20m }, default);
        Assert.Equal(2m, DollarsAt(s_from));
        await _store.RemoveDiscountAsync(_me, _book.Current.Discounts.Single().Id, default);
        Assert.Equal(2.5m, DollarsAt(s_from));
        Assert.Equal("percent", (await _store.SetDiscountAsync(_me, new PriceDiscountForm { Provider = "openai", ValidFrom = s_from, Percent = 101 }, default)).Problems.Single().Field);
    }

    [Fact]
    public async Task Import_Twice_ChangesNothingTheSecondTime()
    {
        var import = PriceImport.Read("provider,model,input,output\nopenai,gpt-4o,1,2\nopenai,new-one,3,4", s_from, _clock.GetUtcNow());

        Assert.Equal(2, (await _store.ImportAsync(_me, import.Prices, "csv", default)).Changed);
        Assert.Equal(0, (await _store.ImportAsync(_me, import.Prices, "csv", default)).Changed);
        Assert.Equal(1m, DollarsAt(s_from));

        var dearer = PriceImport.Read("provider,model,input,output\nopenai,gpt-4o,7,7", s_from, _clock.GetUtcNow());
        Assert.Equal(1, (await _store.ImportAsync(_me, dearer.Prices, "csv", default)).Changed);
        Assert.Equal(7m, DollarsAt(s_from));
    }

    [Fact]
    public async Task Import_OneThatContradicts_EntersNone()
    {
        await SaveAsync(Form(2m) with { Model = "zzz" });
        var import = PriceImport.Read("provider,model,input,output,currency\nopenai,aaa,1,2,USD\nopenai,zzz,1,2,EUR", s_from.AddDays(1), _clock.GetUtcNow());

        var result = await _store.ImportAsync(_me, import.Prices, "csv", default);

        Assert.Equal("openai/zzz currency", Assert.Single(result.Problems).Field);
        Assert.DoesNotContain(_book.Current.Prices, price => price.Model == "aaa");
    }

    [Fact]
    public async Task Save_SomebodyWhoMayNot_IsRefused() =>
        await Assert.ThrowsAsync<AccessDeniedException>(() => _store.SaveAsync(TestUsers.Of(LocalPersona.Author), Form(1m), null, default));

    [Theory]
    [InlineData("gpt-4o", "gpt-4o", true)]
    [InlineData("gpt-4o", "gpt-4o-2024-08-06", true)]
    [InlineData("gpt-4o", "gpt-4o-mini", false)]
    [InlineData("claude-x", "claude-x@20250929", true)]
    [InlineData("*anthropic.claude-x-2*", "eu.anthropic.claude-x-20250929-v1:0", true)]
    [InlineData("*anthropic.claude-x-2*", "anthropic.claude-x-5-20250929-v1:0", false)]
    [InlineData("a?c", "abc", false)]
    [InlineData("*", "anything", true)]
    public void Covers_Model_AsItsPatternSays(string pattern, string model, bool expected) => Assert.Equal(expected, ModelPattern.Covers(pattern, model));

    [Fact]
    public void ListPrices_Always_HaveIdsOfTheirOwnAndAreInOrder()
    {
        Assert.Equal(ListPrices.All.Count, ListPrices.All.Select(price => price.Id).Distinct().Count());
        Assert.All(ListPrices.All, price => Assert.True(price.IsShipped && PriceCheck.Read(PriceForm.Of(price), _clock.GetUtcNow()).Price is not null));
        Assert.All(ListPrices.All, price => Assert.True(price.ValidFrom <= new DateTimeOffset(ListPrices.AsOf.AddDays(2), TimeOnly.MinValue, TimeSpan.Zero)));
    }

    private decimal DollarsAt(DateTimeOffset time) => _book.Calculate("openai", "gpt-4o", s_million, time)!.Nanos / 1_000_000_000m;

    private Task<PriceResult> SaveAsync(PriceForm form) => _store.SaveAsync(_me, form, null, default);

    private static PriceForm Form(decimal input) =>
        new() { Provider = "openai", Model = "gpt-4o", ValidFrom = s_from, PerMillion = new RatesForm { Input = input, Output = 10m } };

    private Task<List<string>> ActionsAsync() => _test.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).Select(row => row.Action).ToListAsync());
}
