using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Features.Flows;
using Radzen;

namespace Portal.Features.Health.Overview;

/// <summary>All flows of a namespace with their health and figures, live. Search, filters, order and the open line are the address's query.</summary>
public sealed partial class FlowsPage
{
    private static readonly TimeSpan s_figures = TimeSpan.FromSeconds(2);

    private static readonly (string Column, string Title, string? Hint)[] s_columns =
    [
        ("name", "Name", null), ("health", "Health", "The worst first"), ("kind", "Kind", null), ("ready", "Ready", "Pods that answer, of those wanted"),
        ("calls", "Calls", "In the last 24 hours"), ("errors", "Errors", "Share of calls that failed in the last 24 hours"),
        ("p50", "p50", "Half of the calls took no longer"), ("p95", "p95", "95 of 100 calls took no longer"), ("cost", "Cost", "Of the last 24 hours"), ("age", "Age", null),
    ];

    private IReadOnlyList<FlowRow> _all = [];
    private IReadOnlyDictionary<(string Namespace, string Flow), FlowFigure> _figures = new Dictionary<(string, string), FlowFigure>();
    private string _search = "";
    private bool _begins;

    [Parameter]
    public string Namespace { get; set; } = "";

    /// <summary>Set when one comes here to make a new one.</summary>
    [SupplyParameterFromQuery(Name = "new")]
    public string? New { get; set; }

    [SupplyParameterFromQuery]
    public string? State { get; set; }

    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    /// <summary><see cref="FlowRow.Key"/> of the line that is open beside the list.</summary>
    [SupplyParameterFromQuery(Name = "show")]
    public string? Shown { get; set; }

    private FlowList View => new(_search, Enum.TryParse<Status>(State, ignoreCase: true, out var status) && Enum.IsDefined(status) ? status : null, Kind is "Flow" or "FlowSet" ? Kind : null, Sort);

    private bool MayManage => User.May(Permission.ManageFlows, Namespace);

    protected override void OnInitialized()
    {
        Watch(Directory.Flows, flow => flow.Namespace == Namespace);
        Watch(Directory.FlowSets, set => set.Namespace == Namespace);
        Watch(Directory.Pods, pod => pod.Namespace == Namespace);
        Watch(Directory.Models, model => model.Namespace == Namespace);
        KeepAgesCurrent();
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(ReadAsync, s_figures);
            Figures.Changed += news.Request;
            Keep(() => Figures.Changed -= news.Request);
        }
    }

    protected override Task OnInitializedAsync() => ReadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // The dialog opens when the address has changed: going anywhere closes dialogs.
        if (New is not null && !_begins && MayManage)
        {
            _begins = true;
            Navigation.NavigateTo(Navigation.Uri.Split('?')[0], replace: true);
        }
        else if (New is null && _begins)
        {
            _begins = false;
            await NewAsync();
        }
    }

    private async Task ReadAsync() => _figures = await Figures.ReadAsync(CancellationToken.None);

    private string Link(string name, string? value) => PageQuery.With(Navigation, _search, name, value);

    private void Go(string name, string? value) => Navigation.NavigateTo(Link(name, string.IsNullOrEmpty(value) ? null : value), replace: true);

    private void ShowAll()
    {
        _search = "";
        Navigation.NavigateTo(Navigation.Uri.Split('?')[0]);
    }

    private void Open(FlowRow row) => Go("show", row.Key);

    private void Close() => Go("show", null);

    private void Move(IReadOnlyList<(FlowRow Row, FlowFigure Figure)> lines, int step)
    {
        var index = lines.Index().FirstOrDefault(line => line.Item.Row.Key == Shown).Index + step;
        if (index >= 0 && index < lines.Count)
        {
            Open(lines[index].Row);
        }
    }

    private async Task NewAsync()
    {
        var name = await Dialogs.OpenAsync<NewFlowDialog>("New flow", new Dictionary<string, object?> { ["Namespace"] = Namespace });
        if (name is string created)
        {
            Navigation.NavigateTo(ResourceLinks.To("Flow", Namespace, created)!);
        }
    }
}
