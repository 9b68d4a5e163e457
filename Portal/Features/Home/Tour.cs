using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;

namespace Portal.Features.Home;

/// <param name="Name">Stable name, also in the database.</param>
/// <param name="Href">Where the step is taken.</param>
public sealed record TourStep(string Name, string Title, string Text, string Action, string Href);

/// <summary>The steps of the first five minutes, and which of them were ever taken on this portal.</summary>
public sealed class Tour(PortalDatabase database, TimeProvider clock)
{
    public const string Run = "run";
    public const string Fix = "fix";
    public const string Publish = "publish";
    public const string Call = "call";
    public const string Cost = "cost";
    private const string Dismissed = "dismissed";

    private readonly Lock _lock = new();
    private HashSet<string>? _reached;

    /// <summary>Raised after a step was taken, on any thread.</summary>
    public event Action? Changed;

    public static IReadOnlyList<TourStep> Steps { get; } =
    [
        new(Run, "Run a prompt", "Open support-reply and press Run: the answer streams from the built-in demo model.", "Open the prompt",
            "/ns/demo/prompts/support-reply"),
        new(Fix, "Break and fix it", "Mistype a variable. The editor underlines it; Alt+Enter or the light bulb mends it.", "Edit",
            "/ns/demo/prompts/support-reply"),
        new(Publish, "Publish with approval", "Change the text and request its publish. Then switch to Ben, who approves: the history shows both names.", "Publish",
            "/ns/demo/prompts/support-reply"),
        new(Call, "Call the endpoint", "The flow rolls the new text out. Call it from its page, or with curl.", "Open the flow",
            "/ns/demo/flows/support-reply"),
        new(Cost, "See what it cost", "Every answer shows time, tokens and price; the sum is on this page.", "Show", "/?show=cost#cost"),
    ];

    public async Task<IReadOnlySet<string>> ReachedAsync() => await LoadAsync();

    public async Task<bool> IsDismissedAsync() => (await LoadAsync()).Contains(Dismissed);

    /// <summary>Hides the tour, for everyone.</summary>
    public Task DismissAsync(CurrentUser user)
    {
        user.Demand(Permission.ManageSettings, null);
        return ReachAsync(Dismissed);
    }

    public async Task ShowAgainAsync(CurrentUser user)
    {
        user.Demand(Permission.ManageSettings, null);
        await database.WriteAsync(context => context.Milestones.Where(item => item.Name == Dismissed).ExecuteDeleteAsync(),
            CancellationToken.None);
        lock (_lock)
        {
            _reached = null;
        }

        Changed?.Invoke();
    }

    /// <summary>Notes a step; later times change nothing.</summary>
    public async Task ReachAsync(string step)
    {
        if ((await LoadAsync()).Contains(step))
        {
            return;
        }

        await database.WriteAsync(
            async context =>
            {
                if (!await context.Milestones.AnyAsync(item => item.Name == step))
                {
                    context.Milestones.Add(new Milestone { Name = step, At = clock.GetUtcNow().UtcDateTime });
                }
            },
            CancellationToken.None);
        lock (_lock)
        {
            _reached = _reached is null ? null : [.. _reached, step];
        }

        Changed?.Invoke();
    }

    private async Task<HashSet<string>> LoadAsync()
    {
        lock (_lock)
        {
            if (_reached is not null)
            {
                return _reached;
            }
        }

        var names = await database.ReadAsync(context => context.Milestones.Select(item => item.Name).ToListAsync());
        lock (_lock)
        {
            return _reached ??= [.. names];
        }
    }
}
