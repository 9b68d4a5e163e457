using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Portal.Auth;
using Portal.Components;
using Portal.Features.Exchange.Reading;

namespace Portal.Features.Exchange;

/// <summary>Takes prompts from elsewhere, shows what would become of each, then makes them drafts. The address holds the import: it is there after a reload.</summary>
public sealed partial class PromptImportPage(CurrentUser user, NavigationManager navigation)
{
    private const int MaxFiles = 500;
    private const int More = 100;

    private PromptImport? _import;
    private IReadOnlyList<ImportTarget> _targets = [];
    private IReadOnlyList<PromptImport> _recent = [];
    private string? _loaded;
    private string? _error;
    private string _text = "";
    private PromptFormat? _format;
    private ConflictRule _rule;
    private int _most = More;
    private bool _busy;

    [Parameter]
    public string Namespace { get; set; } = "";

    /// <summary>The import to show.</summary>
    [SupplyParameterFromQuery(Name = "job")]
    public string? Job { get; set; }

    [Inject]
    private PromptImports Imports { get; set; } = null!;

    private string Address => $"/ns/{Uri.EscapeDataString(Namespace)}/import/prompts";

    private IReadOnlyList<Crumb> Crumbs => [new("Prompts", $"/ns/{Uri.EscapeDataString(Namespace)}/prompts")];

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(LoadAsync);
            void OnImport(string id)
            {
                if (id == Job)
                {
                    news.Request();
                }
            }

            Imports.Changed += OnImport;
            Keep(() => Imports.Changed -= OnImport);
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Job is null)
        {
            (_import, _targets) = (null, []);
            _recent = await Imports.ListAsync(user, Namespace, CancellationToken.None);
        }
        else
        {
            await LoadAsync();
        }

        _loaded = Job;
    }

    private async Task LoadAsync()
    {
        _import = Job is null ? null : await Imports.FindAsync(user, Namespace, Job, CancellationToken.None);
        _targets = _import is null ? [] : await Imports.TargetsAsync(_import, CancellationToken.None);
    }

    private async Task ReadFilesAsync(InputFileChangeEventArgs change)
    {
        try
        {
            var (files, left) = (new List<SourceFile>(), (long)ExchangeLimits.Upload);
            foreach (var file in change.GetMultipleFiles(MaxFiles))
            {
                using var content = new MemoryStream();
                await using var stream = file.OpenReadStream(Math.Max(1, left));
                await stream.CopyToAsync(content);
                left -= content.Length;
                files.Add(new SourceFile(PromptImportApi.NameOf(file.Name), content.ToArray()));
            }

            await PrepareAsync(files, null);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            _error = $"The files cannot be read: at most {MaxFiles} of {ExchangeLimits.Upload / 1024 / 1024} MiB together.";
        }
    }

    private async Task ReadTextAsync()
    {
        if (string.IsNullOrWhiteSpace(_text))
        {
            _error = "There is nothing to read: open files, or paste a prompt.";
            return;
        }

        await PrepareAsync([new SourceFile("pasted", Encoding.UTF8.GetBytes(_text))], _format);
    }

    private async Task PrepareAsync(IReadOnlyList<SourceFile> files, PromptFormat? format)
    {
        (_busy, _error) = (true, null);
        try
        {
            var import = await Imports.PrepareAsync(user, Namespace, files, format, _rule, CancellationToken.None);
            navigation.NavigateTo($"{Address}?job={import.Id}");
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task ChooseAsync((int Position, string Name, ImportChoice Choice) chosen)
    {
        await Imports.ChooseAsync(user, Namespace, Job!, chosen.Position, chosen.Name, chosen.Choice, CancellationToken.None);
        await LoadAsync();
    }

    private async Task StartAsync()
    {
        _busy = true;
        await Imports.StartAsync(user, Namespace, Job!, CancellationToken.None);
        await LoadAsync();
        _busy = false;
    }

    private void Stop() => Imports.Stop(user, Namespace, Job!);

    private static int Wanted(PromptImport import) => import.Items.Count(item => item.Problem is null && item.Choice != ImportChoice.Skip);

    private static string Summary(PromptImport import)
    {
        if (import.State == PromptImportState.Prepared)
        {
            var left = import.Items.Count(item => item.IsLeft);
            var refused = import.Items.Count(item => item.Problem is not null) - left;
            var skipped = import.Items.Count(item => item.Problem is null && item.Choice == ImportChoice.Skip);
            return $"{Wanted(import)} to import{Part(skipped, "skipped")}{Part(refused, "cannot be read")}{Part(left, "left")}.";
        }

        return $"{Words(import.State)}: {import.Count(ImportOutcome.Drafted)} drafted{Part(import.Count(ImportOutcome.Unchanged), "were there already")}"
            + $"{Part(import.Count(ImportOutcome.Skipped), "skipped")}{Part(import.Count(ImportOutcome.Refused), "refused")}{Part(import.Items.Count(item => item.Outcome is null), "not done")}.";
    }

    private static string Part(int count, string words) => count == 0 ? "" : $", {count} {words}";

    private static string Words(PromptImportState state) => state switch
    {
        PromptImportState.Running => "Under way",
        PromptImportState.Interrupted => "Interrupted when the portal ended; import again, which harms nothing",
        _ => state.ToString(),
    };
}
