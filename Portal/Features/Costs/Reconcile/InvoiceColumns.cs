namespace Portal.Features.Costs.Reconcile;

/// <summary>Where a table has what an invoice says: found by the names that exports give their columns, or as the reader says.</summary>
internal sealed class InvoiceColumns
{
    public const string Day = "day";
    public const string Model = "model";
    public const string Tokens = "tokens";
    public const string Input = "input tokens";
    public const string Output = "output tokens";
    public const string Cost = "cost";
    public const string Currency = "currency";

    // First come the names of the exports of OpenAI and Google Cloud, then those of Anthropic and Azure. Columns with a plus are added; a star stands for any end.
    private static readonly Dictionary<string, string[]> s_names = new()
    {
        [Day] = ["start_time_iso", "start_time", "usage start date", "usage_start_time", "usage_date_utc", "usage_date", "usagedate", "day", "date", "time", "timestamp", "starting_at"],
        [Model] = ["model", "line_item", "sku description", "sku.description", "sku_description", "sku", "model_version", "model name", "metername", "meter"],
        [Tokens] = ["tokens", "total_tokens", "total tokens"],
        [Input] =
        [
            "usage_input_tokens_no_cache+usage_input_tokens_cache_write_5m+usage_input_tokens_cache_write_1h+usage_input_tokens_cache_write+usage_input_tokens_cache_read",
            "input_tokens", "input tokens", "prompt_tokens", "n_context_tokens_total", "usage_input_tokens",
        ],
        [Output] = ["output_tokens", "output tokens", "completion_tokens", "n_generated_tokens_total", "usage_output_tokens"],
        [Cost] =
        [
            "amount_value", "unrounded cost (*", "cost", "cost (*", "cost_usd", "costinbillingcurrency", "pretaxcost", "amount", "unrounded subtotal (*", "subtotal (*", "subtotal", "spend",
        ],
        [Currency] = ["amount_currency", "currency", "billingcurrency", "billingcurrencycode"],
    };

    private readonly IReadOnlyList<string> _header;
    private readonly Dictionary<string, int[]> _places;

    /// <param name="header">Names of the columns.</param>
    /// <param name="chosen">Name of the column for a field, where the reader said so.</param>
    public InvoiceColumns(IReadOnlyList<string> header, IReadOnlyDictionary<string, string> chosen)
    {
        _header = header;
        _places = s_names.ToDictionary(field => field.Key, field => chosen.TryGetValue(field.Key, out var own) && own.Length > 0 ? Exactly(own) : PlacesOf(field.Value));
    }

    /// <summary>What a table can say. The day and the model are needed, and either cost or tokens.</summary>
    public static IReadOnlyList<string> Fields { get; } = [.. s_names.Keys];

    public bool IsGoogle => HasLike("sku");

    public bool IsAzure => Has("MeterName") || Has("Meter");

    public bool IsAnthropic => Has("usage_date_utc");

    public bool IsOpenAi => Has("num_model_requests") || Has("amount_value");

    /// <summary>Its currency where no column says it: <c>Cost (€)</c>, <c>cost_usd</c>.</summary>
    public string CurrencyOfCost => _places[Cost] is [var place] ? CurrencyIn(NameOf(place)) : "";

    /// <summary>In the order they are added; empty when there is none.</summary>
    public IReadOnlyList<int> this[string field] => _places[field];

    public string NameOf(int place) => _header[place].Trim();

    /// <summary>What is missing; null when it can be read.</summary>
    public string? Missing()
    {
        var found = $"The columns are {string.Join(", ", _header.Take(30).Select(name => $"“{InvoiceTable.Short(name.Trim())}”"))}: say below which it is.";
        return _places[Day] is [] ? $"there is no column for the day. {found}"
            : _places[Model] is [] ? $"there is no column for the model. {found}"
            : _places[Cost] is [] && _places[Tokens] is [] && _places[Input] is [] && _places[Output] is [] ? $"there is no column for cost or tokens. {found}"
            : null;
    }

    private static string CurrencyIn(string name)
    {
        var said = name.Contains('(', StringComparison.Ordinal) ? name[(name.IndexOf('(', StringComparison.Ordinal) + 1)..].TrimEnd(')').Trim()
            : name.Contains('_', StringComparison.Ordinal) ? name[(name.LastIndexOf('_') + 1)..] : "";
        return said switch
        {
            "$" => "USD",
            "€" => "EUR",
            "£" => "GBP",
            { Length: 3 } when said.All(char.IsAsciiLetter) => said.ToUpperInvariant(),
            _ => "",
        };
    }

    private bool Has(string name) => _header.Any(column => column.Trim().Equals(name, StringComparison.OrdinalIgnoreCase));

    private bool HasLike(string part) => _header.Any(column => column.Contains(part, StringComparison.OrdinalIgnoreCase));

    private int[] PlacesOf(string[] names) =>
        names.Select(name => name.Split('+').SelectMany(part => part.EndsWith('*') ? Where(column => column.StartsWith(part[..^1], StringComparison.OrdinalIgnoreCase)) : Exactly(part)).ToArray())
            .FirstOrDefault(static places => places.Length > 0) ?? [];

    private int[] Exactly(string name) => Where(column => column.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The first one; of columns with one name a spreadsheet means the first too.</summary>
    private int[] Where(Func<string, bool> matches)
    {
        for (var place = 0; place < _header.Count; place++)
        {
            if (matches(_header[place].Trim()))
            {
                return [place];
            }
        }

        return [];
    }
}
