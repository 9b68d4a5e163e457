using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Data;
using Portal.Features.Budgets;
using Portal.Features.Notifications;

namespace Portal.Features.Digests;

/// <summary>What is told of a namespace's week, to whom, and whether at all.</summary>
public sealed partial class DigestPage
{
    private const int MostTold = 20;

    private Digest? _digest;
    private Message? _message;
    private IReadOnlyList<NotificationRow> _told = [];
    private IReadOnlyList<BudgetProblem> _problems = [];
    private string _emails = "";
    private string _webhook = "";
    private string _timeZone = "UTC";
    private bool _removesWebhook;
    private bool _isLoaded;

    [Parameter]
    public string Namespace { get; set; } = "";

    /// <summary>Of the page while it is prerendered.</summary>
    [CascadingParameter]
    public HttpContext? Request { get; set; }

    [Inject]
    private DigestStore Store { get; set; } = null!;

    [Inject]
    private DigestReports Reports { get; set; } = null!;

    [Inject]
    private DigestMessages Messages { get; set; } = null!;

    [Inject]
    private NotificationOutbox Outbox { get; set; } = null!;

    [Inject]
    private WebhookVault Vault { get; set; } = null!;

    [Inject]
    private ReaderTimeZone Zones { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    protected override async Task OnParametersSetAsync()
    {
        _timeZone = (await Zones.FindAsync(RendererInfo.IsInteractive ? null : Request)).Id;
        await LoadAsync();
        await PreviewAsync();
        _isLoaded = true;
    }

    private async Task LoadAsync()
    {
        _digest = null;
        if (User.May(Permission.ManageBudgets, Namespace))
        {
            _digest = await Store.FindAsync(User, Namespace, CancellationToken.None);
            _told = await Outbox.ListAsync(Digest.TopicOf(Namespace), MostTold, CancellationToken.None);
            (_emails, _webhook, _removesWebhook) = (string.Join(", ", _digest.Emails), "", false);
            _timeZone = _digest.IsOn ? _digest.TimeZone : _timeZone;
        }
    }

    private async Task PreviewAsync()
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(_timeZone.Trim(), out var zone))
        {
            _message = Messages.Of(await Reports.ReadAsync(User, Namespace, DigestWeek.At(zone, Clock.GetUtcNow()), zone, CancellationToken.None));
        }
    }

    private async Task SaveAsync(bool isOn)
    {
        var body = new DigestBody
        {
            IsOn = isOn,
            TimeZone = _timeZone.Trim(),
            Emails = _emails.Split([',', ';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Webhook = _removesWebhook ? "" : _webhook.Trim() is { Length: > 0 } address ? address : null,
        };
        _problems = await Store.SetAsync(User, Namespace, body, CancellationToken.None);
        if (_problems.Count == 0)
        {
            await LoadAsync();
        }
    }
}
