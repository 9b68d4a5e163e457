using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>The log with its filters, which are the query of the page's address. New rows come by themselves.</summary>
public sealed partial class AuditPage
{
    private const int PageSize = 100;

    private AuditVerification? _verify;
    private AuditFilter _filter = new();
    private AuditFilter? _applied;
    private AuditChoices _choices = new([], [], []);
    private IReadOnlyList<AuditRow>? _rows;
    private IReadOnlyList<SavedView> _views = [];
    private string? _error;
    private int _count = PageSize;
    private bool _hasMore;
    private string? _actor, _action, _kind, _namespace, _name, _result, _source, _viewName;
    private DateTime? _from, _to;

    /// <summary>Number of the row that is open.</summary>
    [SupplyParameterFromQuery(Name = "row")]
    public string? RowText { get; set; }

    private long? Row => long.TryParse(RowText, NumberStyles.None, CultureInfo.InvariantCulture, out var row) ? row : null;

    private bool CanVerify => User.May(Auth.Permission.ReadAudit, null);

    private List<string> Copies =>
        [.. new[] { Options.Audit.Export.Directory, Options.Audit.Export.S3.Bucket is { } bucket ? $"s3://{bucket}" : null }.OfType<string>()];

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(ReadAsync);
            Log.Changed += news.Request;
            Keep(() => Log.Changed -= news.Request);
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        var query = QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query);
        var (filter, error) = AuditFilter.Parse(field => query.TryGetValue(field, out var value) ? value.ToString() : null);
        if (_rows is null || filter != _filter || error != _error)
        {
            (_filter, _count) = (filter, PageSize);
            if (_applied is null)
            {
                Show(filter);
            }
            else if (_applied == filter)
            {
                _applied = null;
            }

            _choices = await Reader.ChoicesAsync(User, CancellationToken.None);
            _views = await Views.ListAsync(User, CancellationToken.None);
            await ReadAsync();
            _error ??= error;
        }
    }

    private Task VerifyAsync() => _verify?.RunAsync() ?? Task.CompletedTask;

    private void Show(AuditFilter filter)
    {
        (_actor, _action, _kind, _namespace, _name) = (filter.Actor, filter.Action, filter.Kind, filter.Namespace, filter.Name);
        (_result, _source) = (filter.Result?.ToString().ToLowerInvariant() ?? "", filter.Source?.ToString().ToLowerInvariant() ?? "");
        (_from, _to) = (filter.From, filter.To);
    }

    private void Apply()
    {
        Dictionary<string, string?> fields = new()
        {
            ["actor"] = _actor,
            ["action"] = _action,
            ["kind"] = _kind,
            ["namespace"] = _namespace,
            ["name"] = _name,
            ["result"] = _result,
            ["source"] = _source,
            ["from"] = AuditFilter.Show(_from),
            ["to"] = AuditFilter.Show(_to),
            ["correlation"] = _filter.Correlation,
        };
        var (filter, error) = AuditFilter.Parse(fields.GetValueOrDefault);
        _error = error;
        if (error is null && filter != _filter)
        {
            // The fields hold it already, and by then perhaps what is typed next.
            _applied = filter;
            Navigation.NavigateTo($"/audit?{filter.ToQuery()}".TrimEnd('?'));
        }
    }

    private async Task ReadAsync()
    {
        var filter = _filter;
        try
        {
            var rows = await Reader.ListAsync(User, filter, before: null, _count + 1, CancellationToken.None);
            if (filter != _filter)
            {
                // Another one was asked for meanwhile, and is read too.
                return;
            }

            (_hasMore, _rows, _error) = (rows.Count > _count, [.. rows.Take(_count)], null);
            if (Row is { } open && _rows.All(row => row.Sequence != open) && await Reader.FindAsync(User, open, CancellationToken.None) is { } linked)
            {
                _rows = [.. _rows, linked];
            }
        }
        catch (Exception exception) when (exception is FormatException or InvalidCastException or System.Data.Common.DbException)
        {
            // Somebody wrote into the database what the portal never writes.
            _error = $"The database holds rows that cannot be read: {exception.Message} Verify names the first of them.";
        }
    }

    private async Task MoreAsync()
    {
        _count += PageSize;
        await ReadAsync();
    }

    private async Task SaveViewAsync()
    {
        _error = await Views.SaveAsync(User, _viewName ?? "", _filter, CancellationToken.None);
        if (_error is null)
        {
            _viewName = null;
            _views = await Views.ListAsync(User, CancellationToken.None);
        }
    }

    private async Task RemoveViewAsync(string name)
    {
        await Views.RemoveAsync(User, name, CancellationToken.None);
        _views = await Views.ListAsync(User, CancellationToken.None);
    }

    private string ExportLink(string format) => $"/api/v1/audit/export?format={format}&{_filter.ToQuery()}".TrimEnd('&');

    private string LinkTo(long? row)
    {
        var query = _filter.ToQuery();
        var open = row?.ToString(CultureInfo.InvariantCulture);
        return $"/audit?{query}{(query.Length > 0 && open is not null ? "&" : "")}{(open is null ? "" : $"row={open}")}".TrimEnd('?');
    }
}
