using Portal.Auth;
using Portal.Components;
using Portal.Features.Releases.Policies;
using Radzen;

namespace Portal.Features.Releases;

/// <summary>The environments with their policies; administrators make and change them here.</summary>
public sealed partial class EnvironmentsPage(EnvironmentDirectory environments, ReleaseSettings settings, EnvironmentStore store, ApprovedOnlyGuard guard, CurrentUser user, DialogService dialogs)
{
    private ReleaseEnvironment? _seen;
    private EnvironmentAnswer _answer = new();
    private bool _editing;
    private bool _isNew;
    private string _name = "";
    private string _namespaces = "";
    private string _labels = "";
    private string _groups = "";
    private string _freezes = "";
    private string _evals = "";
    private int _approvals = 1;
    private double? _hours;
    private bool _self;
    private bool _onlyApproved;
    private string? _gap;

    private bool MayManage => user.May(Permission.ManageSettings, null);

    private static string Approvals(ReleasePolicy policy) => (policy.Approvals, policy.AllowSelfApproval) switch
    {
        (0, _) => "none for those who may publish directly",
        (var count, true) => $"{count}, authors too",
        (var count, _) => $"{count} by others than its authors",
    };

    protected override Task OnInitializedAsync() => LookForGapAsync();

    private async Task LookForGapAsync()
    {
        var isAsked = settings.Default.OnlyApproved || environments.All.Any(item => item.Policy.OnlyApproved);
        _gap = isAsked && RendererInfo.IsInteractive ? await guard.FindGapAsync(CancellationToken.None) : null;
    }

    private void Edit(ReleaseEnvironment? item)
    {
        (_editing, _isNew, _seen, _answer) = (true, item is null, item, new EnvironmentAnswer());
        (_name, _namespaces, _labels) = (item?.Name ?? "", string.Join(", ", item?.Namespaces ?? []), string.Join(", ", (item?.Labels ?? new Dictionary<string, string>()).Select(label => $"{label.Key}={label.Value}")));
        (_approvals, _groups, _self) = (item?.Policy.Approvals ?? 1, string.Join(", ", item?.Policy.RequiredGroups ?? []), item?.Policy.AllowSelfApproval ?? false);
        _evals = string.Join(", ", item?.Policy.RequiredEvals ?? []);
        (_hours, _freezes, _onlyApproved) = (item?.Policy.ExpiresAfter?.TotalHours, FreezeText.Write(item?.Policy.Freezes ?? []), item?.Policy.OnlyApproved ?? false);
    }

    private Task KeepMineAsync()
    {
        (_seen, _isNew) = (_answer.Theirs, _answer.Theirs is null);
        return SaveAsync();
    }

    private async Task SaveAsync()
    {
        var (freezes, unreadable) = FreezeText.Read(_freezes);
        var labels = Words(_labels).Select(pair => pair.Split('=', 2)).ToList();
        var problem = unreadable ?? (labels.Exists(pair => pair.Length < 2) ? "Write labels as key=value." : null);
        var environment = new ReleaseEnvironment
        {
            Name = _name.Trim(),
            Namespaces = Words(_namespaces),
            Labels = labels.Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim()),
            Policy = new ReleasePolicy
            {
                Approvals = _approvals,
                RequiredGroups = Words(_groups),
                AllowSelfApproval = _self,
                OnlyApproved = _onlyApproved,
                RequiredEvals = Words(_evals),
                ExpiresAfter = _hours is { } hours ? TimeSpan.FromHours(hours) : null,
                Freezes = freezes,
            },
        };
        _answer = problem is not null ? new EnvironmentAnswer(problem) : await store.SaveAsync(user, environment, _seen, CancellationToken.None);
        _editing = _answer.Problem is not null;
        await LookForGapAsync();
    }

    private async Task RemoveAsync(string name)
    {
        if (await dialogs.AskAsync($"Remove {name}?", "Its namespaces then have the policy of those that belong to no environment. Requests that wait are judged by it too.", "Remove environment"))
        {
            await store.RemoveAsync(user, name, CancellationToken.None);
        }
    }

    private static List<string> Words(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
}
