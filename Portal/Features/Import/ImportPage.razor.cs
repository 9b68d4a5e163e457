using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Portal.Auth;

namespace Portal.Features.Import;

/// <summary>Takes manifests, says what would become of them, then applies what can be.</summary>
public sealed partial class ImportPage(Importer importer, CurrentUser user)
{
    private const int MaxFiles = 100;

    private ImportReport? _report;
    private string? _error;
    private string _text = "";
    private bool _force;
    private bool _busy;

    [Parameter]
    public string Namespace { get; set; } = "";

    /// <summary>A report is about one text only.</summary>
    private string Text
    {
        get => _text;
        set => (_text, _report, _error) = (value, null, null);
    }

    private void Forget(ChangeEventArgs change) => (_force, _report) = (change.Value is true, null);

    /// <summary>Files are put one after the other into the text, where they can be read and changed.</summary>
    private async Task ReadFilesAsync(InputFileChangeEventArgs change)
    {
        try
        {
            var texts = new List<string>();
            foreach (var file in change.GetMultipleFiles(MaxFiles))
            {
                using var reader = new StreamReader(file.OpenReadStream(ManifestFile.MaxLength));
                texts.Add(await reader.ReadToEndAsync());
            }

            Text = string.Join("\n---\n", texts);
            await RunAsync(dryRun: true);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            _error = $"The files cannot be read: at most {MaxFiles} of at most {ManifestFile.MaxLength / 1024 / 1024} MiB each.";
        }
    }

    private async Task RunAsync(bool dryRun)
    {
        (_busy, _error, _report) = (true, null, null);
        try
        {
            _report = await importer.ImportAsync(_text, new ImportOptions(Namespace, dryRun, _force), user, CancellationToken.None);
        }
        catch (ImportException exception)
        {
            _error = exception.Message;
        }
        finally
        {
            _busy = false;
        }
    }

    private static string Summary(ImportReport report)
    {
        var (refused, leftOut) = (report.Count(ImportResult.Refused), report.Count(ImportResult.LeftOut));
        var applied = report.DryRun ? $"{report.Applicable} can be imported" : $"{report.Applicable} imported";
        return $"{applied}{(report.Count(ImportResult.Changed) is > 0 and var changed ? $" ({changed} with changes)" : "")}"
            + $"{(refused > 0 ? $", {refused} refused" : "")}{(leftOut > 0 ? $", {leftOut} left out" : "")}.";
    }

    private static string Words(ImportResult result, bool isDryRun) => result switch
    {
        ImportResult.AsIs => isDryRun ? "Applies as it is" : "Imported",
        ImportResult.Changed => isDryRun ? "Applies changed" : "Imported changed",
        ImportResult.Refused => "Refused",
        _ => "Left out",
    };

    private static string ChipOf(ImportResult result) => result switch
    {
        ImportResult.Refused => "gp-chip-bad",
        ImportResult.Changed => "gp-chip-warn",
        ImportResult.LeftOut => "gp-chip-quiet",
        _ => "",
    };
}
