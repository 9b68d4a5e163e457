using Portal.Features.Costs.Reconcile;

namespace Portal.Tests.Portal.Costs;

public class InvoiceReaderTests
{
    private static readonly DateOnly s_day = new(2026, 3, 29);

    [Fact]
    public void Read_OpenAiUsage_AddsUpDaysAndModels()
    {
        var invoice = Read("""
            {"object":"page","data":[
              {"object":"bucket","start_time":1774742400,"end_time":1774828800,"results":[
                {"object":"organization.usage.completions.result","input_tokens":1000,"output_tokens":200,"input_cached_tokens":300,"input_audio_tokens":7,"output_audio_tokens":0,"num_model_requests":5,"model":"gpt-4o-2024-08-06"},
                {"object":"organization.usage.completions.result","input_tokens":10,"output_tokens":2,"model":"gpt-4o-2024-08-06","batch":true},
                {"object":"organization.usage.completions.result","input_tokens":1,"output_tokens":1,"model":null}]},
              {"object":"bucket","start_time":1774828800,"results":[]}],"has_more":true,"next_page":"x"}
            """);

        Assert.Equal(("OpenAI usage, JSON", "openai"), (invoice.Kind, invoice.Provider));
        Assert.Equal([new InvoiceLine(s_day, "", 2, null), new InvoiceLine(s_day, "gpt-4o-2024-08-06", 1219, null)], invoice.Lines);
        Assert.Contains("more pages", Assert.Single(invoice.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OpenAiCosts_TakesTheModelFromTheLineItem()
    {
        var invoice = Read("""
            [{"object":"page","data":[{"start_time":1774742400,"results":[
              {"object":"organization.costs.result","amount":{"value":0.06,"currency":"usd"},"line_item":"gpt-4o-2024-08-06, input","project_id":null},
              {"object":"organization.costs.result","amount":{"value":"0.0400000000000000001","currency":"usd"},"line_item":"gpt-4o-2024-08-06, output"}]}]}]
            """);

        Assert.Equal([new InvoiceLine(s_day, "gpt-4o-2024-08-06", null, 0.1000000000000000001m, "USD")], invoice.Lines);
    }

    [Fact]
    public void Read_AnthropicUsageAndCosts_CountTheCacheBesideAndCentsAsCents()
    {
        var usage = Read("""
            {"data":[{"starting_at":"2026-03-29T00:00:00Z","ending_at":"2026-03-30T00:00:00Z","results":[
              {"uncached_input_tokens":1500,"cache_creation":{"ephemeral_1h_input_tokens":1000,"ephemeral_5m_input_tokens":500},"cache_read_input_tokens":200,"output_tokens":500,"model":"claude-sonnet-4-5-20250929"}]}]}
            """);
        var costs = Read("""
            {"data":[{"starting_at":"2026-03-29T00:00:00Z","results":[{"currency":"USD","amount":"123.45","model":"claude-sonnet-4-5-20250929","token_type":"output_tokens"}]}],"has_more":false}
            """);

        Assert.Equal("anthropic", usage.Provider);
        Assert.Equal(3700, Assert.Single(usage.Lines).Tokens);
        Assert.Equal(new InvoiceLine(s_day, "claude-sonnet-4-5-20250929", null, 1.2345m, "USD"), Assert.Single(costs.Lines));
    }

    [Fact]
    public void Read_GoogleBilling_TakesTheModelFromTheSku()
    {
        var invoice = Read("""
            Billing account name,Service description,SKU description,Usage start date,Usage amount,Cost ($),Currency
            Main,Vertex AI,Gemini 2.5 Flash GA Text Input - Predictions,2026-03-29,120,"1,000.25",USD
            Main,Vertex AI,Gemini 2.5 Flash GA Text Output - Predictions,2026-03-29,9,0.75,USD
            Main,Gemini API,Generate content output token count gemini 2.5 flash lite text,2026-03-29,9,0.5,USD
            Main,Cloud Run,CPU Allocation Time,2026-03-29,9,3,USD
            ,,,,,1004.5,
            """);

        Assert.Equal([("gemini-2.5-flash", 1001m), ("gemini-2.5-flash-lite", 0.5m)], invoice.Lines.Select(line => (line.Model, line.Cost!.Value)));
        Assert.Equal("googleai", invoice.Provider);
        Assert.Contains("2 rows are of other services", Assert.Single(invoice.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OpenAiTable_IsKnownByItsColumns()
    {
        var invoice = Read("start_time,end_time,start_time_iso,project_id,num_model_requests,model,input_tokens,output_tokens\r\n1774742400,1774828800,2026-03-29T00:00:00+00:00,p,3,gpt-4o,100,20\r\n");

        Assert.Equal(("openai", new InvoiceLine(s_day, "gpt-4o", 120, null)), (invoice.Provider, Assert.Single(invoice.Lines)));
    }

    [Fact]
    public void Read_AnyTable_TakesTheColumnsItIsTold()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/Los_Angeles");
        var (invoice, problems) = InvoiceReader.Read(
            "When,Engine,Units,\"Paid, in all\"\n2026-03-30T05:00:00Z,mistral-large,17,$1.50\n", new InvoiceOptions(zone, new Dictionary<string, string> { ["day"] = "When", ["model"] = "Engine", ["tokens"] = "Units", ["cost"] = "Paid, in all" }));

        Assert.Empty(problems);
        Assert.Equal(new InvoiceLine(s_day, "mistral-large", 17, 1.5m), Assert.Single(invoice!.Lines));
        Assert.Null(invoice.Provider);
    }

    // What the console of Anthropic exports: of usage by version, of costs by a name for people.
    [Fact]
    public void Read_AnthropicTables_CountEveryClassAndKnowTheirNames()
    {
        var usage = Read("""
            usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed
            2026-03-29,claude-sonnet-4-5-20250929,ci,"Default, main",standard,≤ 200k,1500,500,1000,200,500,3,global,
            2026-03-29,claude-haiku-4-5-20251001,ci,Default,batch,≤ 200k,8,0,0,0,1,0,global,
            """);
        var costs = Read("""
            usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed
            2026-03-29,Claude Sonnet 4.5,Default,ci,message,≤ 200k,input_no_cache,0.01,0.02,token,global,
            2026-03-29,Claude Sonnet 4.5,Default,ci,message,≤ 200k,output,18.71,18.71,token,global,
            2026-03-29,Claude Haiku 3.5,Default,ci,message,≤ 200k,output,0.5,0.5,token,global,
            2026-03-29,,Default,ci,,,,0.03,0.03,web_search,global,
            """);

        Assert.Equal("anthropic", usage.Provider);
        Assert.Equal([("claude-haiku-4-5-20251001", 9L), ("claude-sonnet-4-5-20250929", 3700L)], usage.Lines.Select(line => (line.Model, line.Tokens!.Value)));
        Assert.Equal([new InvoiceLine(s_day, "claude-3-5-haiku", null, 0.5m, "USD"), new InvoiceLine(s_day, "claude-sonnet-4-5", null, 18.72m, "USD")], costs.Lines);
        Assert.Contains("1 rows are of other services", Assert.Single(costs.Notes), StringComparison.Ordinal);
    }

    // OpenAI's costs, not grouped: no line item on any row, and days without cost.
    [Fact]
    public void Read_OpenAiCostsTable_WithoutModelsIsByDay()
    {
        var invoice = Read("""
            start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,organization_id,organization_name
            1774742400,1774828800,2026-03-29T00:00:00+00:00,2026-03-30T00:00:00+00:00,0.8958740000000000,usd,,,org-x,Personal
            1774828800,1774915200,2026-03-30T00:00:00+00:00,2026-03-31T00:00:00+00:00,,,,,,
            """);

        Assert.Equal(("openai", new InvoiceLine(s_day, "", null, 0.895874m, "USD")), (invoice.Provider, Assert.Single(invoice.Lines)));
    }

    [Fact]
    public void Read_AzureExport_TakesTheModelFromTheMeter()
    {
        var invoice = Read("""
            InvoiceSectionName,SubscriptionName,Date,MeterCategory,MeterSubCategory,MeterName,Quantity,EffectivePrice,CostInBillingCurrency,BillingCurrencyCode,UnitOfMeasure
            Main,prod,03/29/2026,Foundry Models,Azure OpenAI,gpt-4o-mini-0718-Inp-glbl Tokens,120,0.00015,0.018,EUR,1K
            Main,prod,03/29/2026,Foundry Models,Azure OpenAI,gpt-4o-mini-0718-Outp-glbl Tokens,10,0.0006,0.006,EUR,1K
            Main,prod,03/29/2026,Foundry Models,Azure OpenAI,gpt 4.1 cached Inp Data Zone Tokens,10,0.0006,0.5,EUR,1K
            Main,prod,03/29/2026,Storage,Tables,Hot LRS Data Stored,10,1,7,EUR,1 GB
            """);

        Assert.Equal("azureaifoundry", invoice.Provider);
        Assert.Equal([new InvoiceLine(s_day, "gpt-4.1", null, 0.5m, "EUR"), new InvoiceLine(s_day, "gpt-4o-mini", null, 0.024m, "EUR")], invoice.Lines);
    }

    // As it is downloaded: lines about the invoice above the table, amounts rounded and not, and a currency in the names of the columns.
    [Fact]
    public void Read_GoogleCostTable_SkipsWhatStandsAboveItAndTakesTheExactAmount()
    {
        var invoice = Read("""
            Invoice number,123-456
            Invoice date,2026-03-31

            Billing account name,Project name,Service description,SKU description,Credit type,Cost type,Usage start date,Usage end date,Usage amount,Usage unit,Unrounded Cost (€),Cost (€)
            Main,p,Gemini API,Generate content output token count gemini 2.5 flash,,Usage,2026-03-29,2026-03-29,9,count,0.004,0.00
            Main,p,Gemini API,Generate content input token count gemini 2.5 flash,,Usage,2026-03-29,2026-03-29,9,count,0.004,0.00
            Main,,,,,Tax,2026-03-01,2026-03-31,,,0.1,0.10
            """);

        Assert.Equal(("googleai", new InvoiceLine(s_day, "gemini-2.5-flash", null, 0.008m, "EUR")), (invoice.Provider, Assert.Single(invoice.Lines)));
    }

    [Theory]
    [InlineData("day,model,cost\n2026-03-29,x,\"0,42\"\n", 0.42)]
    [InlineData("day;model;cost\n2026-03-29;x;0,42\n", 0.42)]
    [InlineData("day;model;cost\n2026-03-29;x;0.42\n", 0.42)]
    [InlineData("day;model;cost\r\n2026-03-29;x;1.234,56\r\n", 1234.56)]
    [InlineData("day;model;cost\n2026-03-29;x;1.234\n2026-03-29;x;0,5\n", 1234.5)]
    [InlineData("\uFEFFday\tmodel\tcost\n2026-03-29\tx\t0,42 €\n", 0.42)]
    [InlineData("day,model,cost\n2026-03-29,x,\"1,234\"\n", 1234)]
    [InlineData("day,model,cost\n2026-03-29,x,\"$1,234.56\"\n", 1234.56)]
    [InlineData("day,model,cost\n2026-03-29,x,\"1,234,567\"\n", 1234567)]
    [InlineData("day,model,cost\n2026-03-29,x,1.5E-05\n", 0.000015)]
    [InlineData("day;model;cost\n2026-03-29;x;1,5E-05\n", 0.000015)]
    [InlineData("day;model;cost\n2026-03-29;x;1 234,50\n", 1234.5)]
    [InlineData("day,model,cost\n2026-03-29,x,-0.25\n", -0.25)]
    [InlineData("day,model,cost\n2026-03-29,x,0.123\n", 0.123)]
    [InlineData("day,model,cost\n2026-03-29,x,\"0,123\"\n", 0.123)]
    public void Read_NumbersOfAnotherCountry_AreTheSameAmount(string text, double expected) => Assert.Equal((decimal)expected, Assert.Single(Read(text).Lines).Cost);

    [Theory]
    [InlineData("", "nothing in it")]
    [InlineData("\r\n<!DOCTYPE html><html><body>Sign in,please</body></html>", "It is a web page, not an export")]
    [InlineData("day,model,cost\n2026-03-29,x,0.42\n2026-03-30,x,\"0,42\"\n", "“0,42” (line 3) is written with a decimal comma, “0.42” (line 2) with a decimal point")]
    [InlineData("Invoice,7\nday,model\n2026-03-29,x\n", "Line 1: there is no column for the day")]
    [InlineData("PK\u0003\u0004\0\0", "It is no text")]
    [InlineData("{", "Line 1: it is no JSON")]
    [InlineData("{\n\"data\":[\n}", "Line 3: it is no JSON")]
    [InlineData("{\"usage\":[]}", "holds no buckets")]
    [InlineData("{\"data\":[{\"results\":[]}]}", "data[0] has neither start_time")]
    [InlineData("{\"data\":[{\"start_time\":1774742400,\"results\":[{\"input_tokens\":-1}]}]}", "data[0].results[0].input_tokens is no number of tokens")]
    [InlineData("{\"data\":[{\"start_time\":1774742400,\"results\":[{\"amount\":{\"value\":\"much\"}}]}]}", "data[0].results[0].value is no amount that anybody was billed")]
    [InlineData("{\"data\":[{\"start_time\":1774742400,\"results\":[{\"amount\":{\"value\":5e28}}]}]}", "data[0].results[0].value is no amount that anybody was billed")]
    [InlineData("{\"data\":[{\"start_time\":1774742400,\"results\":[7]}]}", "data[0].results[0].is no object")]
    [InlineData("day|model|cost\n2026-03-29|x|1\n", "Line 1: there is no column for the day. The columns are “day|model|cost”")]
    [InlineData("model,cost\nx,1\n", "Line 1: there is no column for the day. The columns are “model”, “cost”")]
    [InlineData("day,cost\n2026-03-29,1\n", "Line 1: there is no column for the model")]
    [InlineData("day,model\n2026-03-29,x\n", "Line 1: there is no column for cost or tokens")]
    [InlineData("day,model,cost\n29.03.2026,x,1\n", "Line 2: “29.03.2026” is no day; write it as 2026-03-29.")]
    [InlineData("day,model,cost\n\n2026-03-29,x,cheap\n", "Line 3: “cheap” in the column “cost” is no number.")]
    [InlineData("day,model,cost\n2026-03-29,x,5e28\n", "Line 2: “5e28” in the column “cost” is no amount that anybody was billed.")]
    [InlineData("day,model,tokens\n2026-03-29,x,-5\n", "Line 2: “-5” in the column “tokens” is no number of tokens.")]
    [InlineData("day,model,cost\n\"2026-03-29,x,1\n", "a quoted field is not closed")]
    [InlineData("day,model,cost,currency\n2026-03-29,x,1,USD\n2026-03-29,x,1,EUR\n", "several currencies")]
    [InlineData("day,model,cost\n2020-03-29,x,1\n2026-03-29,x,1\n", "at most 400 are compared")]
    [InlineData("day,model,cost\n", "No usage is in it")]
    public void Read_Nonsense_IsAProblemThatSaysWhere(string text, string expected)
    {
        var (invoice, problems) = InvoiceReader.Read(text, InvoiceOptions.Utc);

        Assert.Null(invoice);
        Assert.Contains(expected, Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooMuch_IsAProblem()
    {
        Assert.Contains("at most 5 are read", Assert.Single(InvoiceReader.Read(new string('x', InvoiceReader.LargestFile + 1), InvoiceOptions.Utc).Problems).Message, StringComparison.Ordinal);
        var rows = "day,model,cost\n" + string.Concat(Enumerable.Repeat("2026-03-29,x,1\n", InvoiceReader.MostRows + 1));
        Assert.Contains("more than 100,000 rows", Assert.Single(InvoiceReader.Read(rows, InvoiceOptions.Utc).Problems).Message, StringComparison.Ordinal);
        var wrong = "day,model,cost\n" + string.Concat(Enumerable.Repeat("never,x,1\n", 50));
        Assert.Equal("And 30 more.", InvoiceReader.Read(wrong, InvoiceOptions.Utc).Problems[^1].Message);
    }

    private static Invoice Read(string text)
    {
        var (invoice, problems) = InvoiceReader.Read(text, InvoiceOptions.Utc);
        Assert.Empty(problems);
        return invoice!;
    }
}
