using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Operator.Prompts;

namespace Portal.Features.Exchange;

/// <summary>Imports in the database: previews for a day, reports for three months.</summary>
internal sealed class ImportStore(PortalDatabase database, AuditLog audit, TimeProvider clock)
{
    private static readonly TimeSpan s_previews = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_reports = TimeSpan.FromDays(90);

    /// <summary>One that says nothing for so long is not at work any more.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(2);

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public async Task<PromptImport?> FindAsync(string @namespace, string id, CancellationToken cancellationToken)
    {
        var (row, items) = await database.ReadAsync(async context => (
            await context.PromptImports.FirstOrDefaultAsync(row => row.Id == id && row.Namespace == @namespace, cancellationToken),
            await context.PromptImportItems.Where(item => item.ImportId == id).OrderBy(item => item.Position).ToListAsync(cancellationToken)));
        return row is null ? null : new PromptImport
        {
            Id = row.Id,
            Namespace = row.Namespace,
            Author = row.AuthorName,
            CreatedAt = row.CreatedAt,
            State = StateOf(row),
            Items = [.. items.Select(Read)],
        };
    }

    /// <summary>Newest first, without their items.</summary>
    public async Task<IReadOnlyList<PromptImport>> ListAsync(string @namespace, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(context => context.PromptImports.Where(row => row.Namespace == @namespace && row.State != nameof(PromptImportState.Prepared))
            .OrderByDescending(row => row.CreatedAt).Take(20).ToListAsync(cancellationToken));
        return [.. rows.Select(row => new PromptImport { Id = row.Id, Namespace = row.Namespace, Author = row.AuthorName, CreatedAt = row.CreatedAt, State = StateOf(row), Items = [] })];
    }

    public async Task<string> AddAsync(Actor author, string @namespace, IReadOnlyList<PromptImportItem> items, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString("N");
        await database.WriteAsync(
            async context =>
            {
                await PruneAsync(context, now.UtcDateTime, cancellationToken);
                context.PromptImports.Add(new PromptImportRow
                {
                    Id = id,
                    Namespace = @namespace,
                    AuthorId = author.Id,
                    AuthorName = author.Name,
                    CreatedAt = now.UtcDateTime,
                    UpdatedAt = now.UtcDateTime,
                    State = nameof(PromptImportState.Prepared),
                });
                context.PromptImportItems.AddRange(items.Select(item => Write(id, item)));
            },
            cancellationToken);
        return id;
    }

    /// <summary>Changes what shall become of one prompt; false when the import is not open for that any more.</summary>
    public Task<bool> ChooseAsync(string @namespace, string id, int position, string name, ImportChoice choice, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async context => await IsAsync(context, @namespace, id, PromptImportState.Prepared, cancellationToken)
                && await context.PromptImportItems.Where(item => item.ImportId == id && item.Position == position).ExecuteUpdateAsync(
                    item => item.SetProperty(row => row.Name, name).SetProperty(row => row.Choice, choice.ToString()), cancellationToken) == 1,
            cancellationToken);

    /// <summary>Takes a preview to be imported; false when somebody else did, or it is not there.</summary>
    public Task<bool> BeginAsync(string @namespace, string id, CancellationToken cancellationToken) =>
        database.WriteAsync(async context => await MoveAsync(context, @namespace, id, PromptImportState.Prepared, PromptImportState.Running, cancellationToken) == 1, cancellationToken);

    /// <summary>Writes down what became of one prompt, and into the audit that it was imported.</summary>
    public Task SettleAsync(string id, int position, ImportOutcome outcome, string? message, AuditEntry? entry) => database.WriteAsync(
        async context =>
        {
            await context.PromptImportItems.Where(item => item.ImportId == id && item.Position == position).ExecuteUpdateAsync(
                item => item.SetProperty(row => row.Outcome, outcome.ToString()).SetProperty(row => row.Message, message)
                    .SetProperty(row => row.Content, (string?)null).SetProperty(row => row.History, (string?)null),
                CancellationToken.None);
            await context.PromptImports.Where(row => row.Id == id).ExecuteUpdateAsync(
                row => row.SetProperty(import => import.UpdatedAt, clock.GetUtcNow().UtcDateTime), CancellationToken.None);
            if (entry is not null)
            {
                audit.Append(context, entry);
            }
        },
        CancellationToken.None);

    public Task EndAsync(string @namespace, string id, PromptImportState state) =>
        database.WriteAsync(context => MoveAsync(context, @namespace, id, PromptImportState.Running, state, CancellationToken.None), CancellationToken.None);

    public static AuditEntry EntryOf(CurrentUser user, string @namespace, PromptImportItem item, string? before) => new(
        user.Actor, "prompt.imported", Prompt.Definition.Kind, @namespace, item.Name, AuditResult.Succeeded,
        before is null ? null : new JsonObject { ["content"] = before },
        new JsonObject { ["content"] = item.Content, ["format"] = item.Format.ToString(), ["from"] = item.Source }, Address: user.Address);

    private Task<int> MoveAsync(PortalDbContext context, string @namespace, string id, PromptImportState from, PromptImportState to, CancellationToken cancellationToken) =>
        context.PromptImports.Where(row => row.Id == id && row.Namespace == @namespace && row.State == from.ToString()).ExecuteUpdateAsync(
            row => row.SetProperty(import => import.State, to.ToString()).SetProperty(import => import.UpdatedAt, clock.GetUtcNow().UtcDateTime), cancellationToken);

    private static Task<bool> IsAsync(PortalDbContext context, string @namespace, string id, PromptImportState state, CancellationToken cancellationToken) =>
        context.PromptImports.AnyAsync(row => row.Id == id && row.Namespace == @namespace && row.State == state.ToString(), cancellationToken);

    private static async Task PruneAsync(PortalDbContext context, DateTime now, CancellationToken cancellationToken)
    {
        var (previews, reports) = (now - s_previews, now - s_reports);
        var old = context.PromptImports.Where(row => row.CreatedAt < reports || (row.CreatedAt < previews && row.State == nameof(PromptImportState.Prepared)));
        await context.PromptImportItems.Where(item => old.Any(row => row.Id == item.ImportId)).ExecuteDeleteAsync(cancellationToken);
        await old.ExecuteDeleteAsync(cancellationToken);
    }

    private PromptImportState StateOf(PromptImportRow row)
    {
        var state = Enum.Parse<PromptImportState>(row.State);
        return state == PromptImportState.Running && clock.GetUtcNow().UtcDateTime - row.UpdatedAt > s_silence ? PromptImportState.Interrupted : state;
    }

    private static PromptImportItem Read(PromptImportItemRow row) => new()
    {
        Position = row.Position,
        Source = row.Source,
        Format = Enum.Parse<PromptFormat>(row.Format),
        Name = row.Name,
        Choice = Enum.Parse<ImportChoice>(row.Choice),
        Content = row.Content,
        History = row.History is { } history ? JsonSerializer.Deserialize<List<ForeignVersion>>(history, s_json)! : [],
        Problem = row.Problem,
        IsLeft = row.IsLeft,
        Notes = JsonSerializer.Deserialize<List<MappingNote>>(row.Notes, s_json)!,
        Outcome = row.Outcome is { } outcome ? Enum.Parse<ImportOutcome>(outcome) : null,
        Message = row.Message,
    };

    private static PromptImportItemRow Write(string id, PromptImportItem item) => new()
    {
        ImportId = id,
        Position = item.Position,
        Source = item.Source,
        Format = item.Format.ToString(),
        Name = item.Name,
        Choice = item.Choice.ToString(),
        Content = item.Content,
        History = item.History.Count > 0 ? JsonSerializer.Serialize(item.History, s_json) : null,
        Problem = item.Problem,
        IsLeft = item.IsLeft,
        Notes = JsonSerializer.Serialize(item.Notes, s_json),
    };
}
