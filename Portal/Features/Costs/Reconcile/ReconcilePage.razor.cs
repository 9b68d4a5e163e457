using System.Text;
using Microsoft.AspNetCore.Components.Forms;
using Portal.Auth;
using Portal.Runner.Providers;

namespace Portal.Features.Costs.Reconcile;

/// <summary>A provider's export beside the portal's own figures. The export is compared and forgotten.</summary>
public sealed partial class ReconcilePage(Reconciler reconciler, ProviderCatalog providers, CurrentUser user)
{
    private const string GoogleDays = "America/Los_Angeles";

    private readonly Dictionary<string, string> _columns = [];
    private IReadOnlyList<string> _header = [];
    private IReadOnlyList<InvoiceProblem> _problems = [];
    private ReconcileResult? _result;

    // Of a file that was not read: nothing else is compared in its place.
    private InvoiceProblem? _refused;
    private string _text = "";
    private string _provider = "";
    private string _zone = "UTC";
    private bool _all;
    private bool _busy;

    private bool IsTable => _text.TrimStart() is not (['{' or '[', ..] or "");

    private void Forget()
    {
        _header = IsTable ? InvoiceTable.HeaderOf(_text) : [];
        (_problems, _result, _refused) = ([], null, null);
        _columns.Clear();
        if (_header.Any(name => name.Contains("sku", StringComparison.OrdinalIgnoreCase)) && _zone == "UTC")
        {
            _zone = GoogleDays;
        }
    }

    private async Task ReadFileAsync(InputFileChangeEventArgs change)
    {
        if (change.File.Size > InvoiceReader.LargestFile)
        {
            _text = "";
            Forget();
            _refused = new InvoiceProblem(null, $"{change.File.Name} has {change.File.Size / 1024 / 1024.0:0.#} MB; at most {InvoiceReader.LargestFile / 1024 / 1024} are read. Export fewer days at a time.");
            _problems = [_refused];
            return;
        }

        using var reader = new StreamReader(change.File.OpenReadStream(InvoiceReader.LargestFile), Encoding.UTF8);
        _text = await reader.ReadToEndAsync();
        Forget();
    }

    private async Task CompareAsync()
    {
        if (_refused is not null)
        {
            return;
        }

        (_busy, _result) = (true, null);
        try
        {
            await CompareTextAsync();
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task CompareTextAsync()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(_zone);
        var (invoice, problems) = InvoiceReader.Read(_text, new InvoiceOptions(zone, _columns));
        _problems = problems;
        if (invoice is not null)
        {
            var provider = _provider.Length > 0 ? _provider : invoice.Provider;
            if (provider is null)
            {
                _problems = [new InvoiceProblem(null, "The file does not say whose it is: choose the provider under “Calls of”.")];
            }
            else
            {
                // Times in JSON are UTC, and so are the days made of them.
                _result = await reconciler.CompareAsync(user, invoice, provider, IsTable ? zone : TimeZoneInfo.Utc, CancellationToken.None);
                _all = _result.Reconciliation.Agrees;
            }
        }
    }
}
