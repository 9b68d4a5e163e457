using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Portal.Data;

/// <summary>The portal's own data. Its tables are made by <see cref="PortalSchema"/>, not by EF.</summary>
public sealed class PortalDbContext(DbContextOptions<PortalDbContext> options) : DbContext(options)
{
    private readonly List<Action> _onCommit = [];
    private readonly List<Action> _afterCommit = [];
    private readonly HashSet<(string Topic, string Detail)> _messages = [];

    public DbSet<Draft> Drafts => Set<Draft>();
    public DbSet<RunRow> Runs => Set<RunRow>();
    public DbSet<Publication> Publications => Set<Publication>();
    public DbSet<UsageRow> Usage => Set<UsageRow>();
    public DbSet<UsageSeries> UsageSeries => Set<UsageSeries>();
    public DbSet<UsageHour> UsageHours => Set<UsageHour>();
    public DbSet<UsageDay> UsageDays => Set<UsageDay>();
    public DbSet<PriceRow> Prices => Set<PriceRow>();
    public DbSet<Recomputation> Recomputations => Set<Recomputation>();
    public DbSet<PriceDiscountRow> PriceDiscounts => Set<PriceDiscountRow>();
    public DbSet<Revision> Revisions => Set<Revision>();
    public DbSet<Rollout> Rollouts => Set<Rollout>();
    public DbSet<EnvironmentRow> Environments => Set<EnvironmentRow>();
    public DbSet<Branch> Branches => Set<Branch>();
    public DbSet<Release> Releases => Set<Release>();
    public DbSet<ReleaseItem> ReleaseItems => Set<ReleaseItem>();
    public DbSet<ReleaseEvent> ReleaseEvents => Set<ReleaseEvent>();
    public DbSet<Milestone> Milestones => Set<Milestone>();
    public DbSet<AuditRow> Audit => Set<AuditRow>();
    public DbSet<SessionRow> Sessions => Set<SessionRow>();
    public DbSet<ServiceTokenRow> ServiceTokens => Set<ServiceTokenRow>();
    public DbSet<AuditHead> AuditHeads => Set<AuditHead>();
    public DbSet<SavedView> SavedViews => Set<SavedView>();
    public DbSet<SharedKey> SharedKeys => Set<SharedKey>();
    public DbSet<ObservedObject> ObservedObjects => Set<ObservedObject>();
    public DbSet<BudgetRow> Budgets => Set<BudgetRow>();
    public DbSet<BudgetAlertRow> BudgetAlerts => Set<BudgetAlertRow>();
    public DbSet<NotificationRow> Notifications => Set<NotificationRow>();
    public DbSet<RunPolicyRow> RunPolicies => Set<RunPolicyRow>();
    public DbSet<DigestRow> Digests => Set<DigestRow>();
    public DbSet<PromptImportRow> PromptImports => Set<PromptImportRow>();
    public DbSet<PromptImportItemRow> PromptImportItems => Set<PromptImportItemRow>();

    /// <summary>
    /// Brings what this portal remembers in line with what was committed, before anybody writes again; not at all when it was not committed. Nobody can write
    /// meanwhile: assignments only.
    /// </summary>
    public void OnCommit(Action assign) => _onCommit.Add(assign);

    /// <summary>
    /// Runs after the transaction was committed, and not at all when it was not: in the order of the commits, one at a time, before <see cref="PortalDatabase.WriteAsync{T}"/>
    /// returns, while others write already. What it throws is logged and harms neither the write, which stands, nor the handlers after it. It must not wait for a write.
    /// </summary>
    public void AfterCommit(Action handler) => _afterCommit.Add(handler);

    /// <summary>Tells the other portals on the same database, if there are any, once this is committed. <see cref="AfterCommit"/> is for this one.</summary>
    /// <param name="topic">One of <see cref="PortalTopics"/>.</param>
    /// <param name="detail">What of it: an id, a name.</param>
    public void Tell(string topic, string detail = "") => _messages.Add((topic, detail));

    internal IReadOnlyCollection<(string Topic, string Detail)> Messages => _messages;

    internal IReadOnlyList<Action> CommitActions => _onCommit;

    internal IReadOnlyList<Action> CommitHandlers => _afterCommit;

    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        CutTimes();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        CutTimes();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Draft>().ToTable("drafts").HasKey(draft => new { draft.Namespace, draft.Name });
        modelBuilder.Entity<RunRow>().ToTable("runs").HasKey(run => run.Id);
        modelBuilder.Entity<Publication>().ToTable("publications").HasKey(publication => publication.Id);
        modelBuilder.Entity<Publication>().Property(publication => publication.State).HasConversion<string>();
        modelBuilder.Entity<UsageRow>().ToTable("usage").HasKey(usage => usage.CallId);
        modelBuilder.Entity<UsageSeries>().ToTable("usage_series").HasKey(series => series.Id);
        modelBuilder.Entity<UsageSeries>().Property(series => series.User).HasColumnName("UserName");
        modelBuilder.Entity<UsageHour>().ToTable("usage_hours").HasKey(hour => new { hour.Hour, hour.SeriesId });
        modelBuilder.Entity<UsageDay>().ToTable("usage_days").HasKey(day => new { day.Day, day.SeriesId });
        modelBuilder.Entity<PriceRow>().ToTable("prices").HasKey(price => price.Id);
        modelBuilder.Entity<Recomputation>().ToTable("recomputations").HasKey(job => job.Id);
        modelBuilder.Entity<PriceDiscountRow>().ToTable("price_discounts").HasKey(discount => discount.Id);
        modelBuilder.Entity<Revision>().ToTable("revisions").HasKey(revision => new { revision.Kind, revision.Namespace, revision.Name, revision.Number });
        modelBuilder.Entity<Rollout>().ToTable("rollouts").HasKey(rollout => new { rollout.ReleaseId, rollout.Namespace, rollout.Flow });
        modelBuilder.Entity<Rollout>().Property(rollout => rollout.State).HasConversion<string>();
        modelBuilder.Entity<EnvironmentRow>().ToTable("environments").HasKey(row => row.Name);
        modelBuilder.Entity<Branch>().ToTable("branches").HasKey(branch => new { branch.Namespace, branch.Name });
        modelBuilder.Entity<Release>().ToTable("releases").HasKey(release => release.Id);
        modelBuilder.Entity<Release>().Property(release => release.Status).HasConversion<string>();
        modelBuilder.Entity<Release>().Property(release => release.Version).IsConcurrencyToken();
        modelBuilder.Entity<ReleaseItem>().ToTable("release_items").HasKey(item => new { item.ReleaseId, item.Position });
        modelBuilder.Entity<ReleaseEvent>().ToTable("release_events").HasKey(entry => entry.Id);
        modelBuilder.Entity<Milestone>().ToTable("milestones").HasKey(milestone => milestone.Name);
        modelBuilder.Entity<AuditRow>().ToTable("audit").HasKey(row => row.Sequence);
        modelBuilder.Entity<ObservedObject>().ToTable("observed_objects").HasKey(item => new { item.Kind, item.Namespace, item.Name });
        modelBuilder.Entity<RunPolicyRow>().ToTable("run_policies").HasKey(row => row.Namespace);
        modelBuilder.Entity<DigestRow>().ToTable("digests").HasKey(row => row.Namespace);
        modelBuilder.Entity<PromptImportRow>().ToTable("prompt_imports").HasKey(row => row.Id);
        modelBuilder.Entity<PromptImportItemRow>().ToTable("prompt_import_items").HasKey(row => new { row.ImportId, row.Position });
        modelBuilder.Entity<SharedKey>().ToTable("shared_keys").HasKey(item => item.Name);
        modelBuilder.Entity<SavedView>().ToTable("saved_views").HasKey(view => new { view.Owner, view.Page, view.Name });
        modelBuilder.Entity<SessionRow>().ToTable("sessions").HasKey(row => row.Id);
        modelBuilder.Entity<ServiceTokenRow>().ToTable("service_tokens").HasKey(row => row.Id);
        modelBuilder.Entity<AuditHead>().ToTable("audit_heads").HasKey(head => head.Id);
        modelBuilder.Entity<BudgetRow>().ToTable("budgets").HasKey(row => row.Id);
        modelBuilder.Entity<BudgetRow>().Property(row => row.Version).IsConcurrencyToken();
        modelBuilder.Entity<BudgetAlertRow>().ToTable("budget_alerts").HasKey(row => new { row.BudgetId, row.WindowStart, row.AmountNanos, row.Threshold });
        modelBuilder.Entity<NotificationRow>().ToTable("notifications").HasKey(row => row.Id);
        modelBuilder.Entity<NotificationRow>().Property(row => row.Channel).HasConversion<string>();
        modelBuilder.Entity<NotificationRow>().Property(row => row.State).HasConversion<string>();

        // Part of what is hashed and signed: kept as the text it was then, to the last digit.
        modelBuilder.Entity<AuditRow>().Property(row => row.At).HasConversion(new TextConverter());
        modelBuilder.Entity<AuditHead>().Property(head => head.At).HasConversion(new TextConverter());
        TextSearch.Map(modelBuilder, Database.IsNpgsql());
        if (Database.IsNpgsql())
        {
            LowerNames(modelBuilder.Model);
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    /// <summary>A time as it is stored: in UTC, to the microsecond, which is what PostgreSQL keeps.</summary>
    internal static DateTime Stored(DateTime time)
    {
        var utc = time.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    // What was saved is then what is read back, so that somebody may compare the two.
    private void CutTimes()
    {
        foreach (var entry in ChangeTracker.Entries().Where(static entry => entry.State is EntityState.Added or EntityState.Modified))
        {
            foreach (var property in entry.Properties.Where(static property => property.Metadata.GetValueConverter() is UtcConverter))
            {
                if (property.CurrentValue is DateTime time && Stored(time) is var stored && stored != time)
                {
                    property.CurrentValue = stored;
                }
            }
        }
    }

    // Without quotes in SQL, PostgreSQL reads every name in lower case.
    private static void LowerNames(IMutableModel model)
    {
        foreach (var property in model.GetEntityTypes().SelectMany(static entity => entity.GetProperties()))
        {
            property.SetColumnName(property.GetColumnName().ToLowerInvariant());
        }
    }

    /// <summary>SQLite has no kinds of time: what was written as UTC is read as UTC.</summary>
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(value => Stored(value), value => DateTime.SpecifyKind(value, DateTimeKind.Utc));

    /// <summary>As SQLite's provider writes times, so that texts compare as times do.</summary>
    private sealed class TextConverter() : ValueConverter<DateTime, string>(value => TimeText.Write(value), text => TimeText.Read(text));
}
