using System.Security.Claims;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Features.Prompts.Partials;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.Revisions;
using Portal.Kubernetes.Client;
using Portal.Operator.Admission;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Prompts;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Releases;

/// <summary>Everything behind the pages of releases, on a database of its own and a real API server that can be taken away.</summary>
internal sealed class TestDesk : IDisposable
{
    public const string Good = "---\nmodel: demo/echo-stream\ndescription: Says hello.\n---\nHello";

    private readonly IdleOperatorFixture _fixture;
    private readonly TestDatabase _test = new();
    private readonly CommitWitness _witness;

    public TestDesk(IdleOperatorFixture fixture, ReleasePolicy? policy = null, params IReadOnlyList<ReleaseEnvironment> environments)
    {
        _fixture = fixture;
        Handler = new SwitchedHandler(fixture.Client.Connection.Handler);
        Client = new KubeClient(fixture.Client.Connection with { Handler = Handler });
        Drafts = new DraftStore(_test.Database, _test.Audit, Clock);
        _witness = new CommitWitness(Database, Die);
        Settings = new ReleaseSettings(policy ?? new ReleasePolicy(), environments);
        Restart();
    }

    public ManualTimeProvider Clock { get; } = new();
    public SwitchedHandler Handler { get; }
    public KubeClient Client { get; }
    public DraftStore Drafts { get; }
    public ReleaseSettings Settings { get; set; }
    public PortalDatabase Database => _test.Database;
    public AuditLog Audit => _test.Audit;
    public RevisionStore Revisions { get; private set; } = null!;
    public RolloutTracker Rollouts { get; private set; } = null!;
    public Publisher Publisher { get; private set; } = null!;
    public ReleaseDesk Desk { get; private set; } = null!;
    public LostReleases Lost { get; private set; } = null!;
    public ReleaseList List { get; private set; } = null!;

    public ProtectedChanges Changes { get; private set; } = null!;

    /// <summary>Who wants to know what was published; for the next start.</summary>
    public IReadOnlyList<IReleaseListener> Listeners { get; set; } = [];

    /// <summary>Where the process dies: when a request that became this is on disk, and before anybody hears of it.</summary>
    public ReleaseStatus? DiesAt { get; set; }

    public void Execute(string sql) => _test.Execute(sql);

    /// <summary>A new portal process on the same database.</summary>
    public void Restart()
    {
        Publisher?.Dispose();
        var environments = new EnvironmentDirectory(_fixture.Informers, Settings);
        var surroundings = new PromptSurroundings(_fixture.Informers);
        var ledger = new ReleaseLedger(_test.Audit, environments, Clock);
        Revisions = new RevisionStore(Database, Clock);
        var library = new PartialLibrary(_fixture.Informers, Database, Revisions);
        var prompts = new PromptReleases(new PromptCheck(surroundings, new PromptPreview(surroundings), library), Drafts, new PromptActivity());
        Rollouts = new RolloutTracker(_fixture.Informers, Database, ledger, Clock);
        Publisher = new Publisher(Database, new ClusterWriter(Client), ledger, Rollouts, [.. Listeners, prompts], Clock, NullLogger<Publisher>.Instance);
        var reader = new SubmissionReader(environments, Client, _fixture.Informers, [prompts], new AdmissionChain(new AdmissionOptions(), static () => null, AdmissionRules.All), Clock);
        Lost = new LostReleases(Database, _fixture.Informers, _test.Audit);
        Desk = new ReleaseDesk(Database, Revisions, ledger, environments, reader, Publisher, Lost, _test.Audit, Clock);
        Changes = new ProtectedChanges(environments, Desk, Clock);
        List = new ReleaseList(Database, ledger);
    }

    public static CurrentUser Person(string name, PortalRole role, params string[] groups) => Somebody(new Actor($"test:{name}", name, ActorKind.User), role, groups);

    /// <summary>A service token that was given everything, everywhere.</summary>
    public static CurrentUser Token(string name) => Token(name, Enum.GetValues<Permission>());

    /// <summary>A service token that was given this, everywhere.</summary>
    public static CurrentUser Token(string name, params Permission[] permissions)
    {
        var user = new CurrentUser(new AccessPolicy([]));
        var grants = permissions.Select(permission => new Claim(PortalClaims.Permission, permission.ToString())).Append(new Claim(PortalClaims.Namespace, "*"));
        user.Become(PortalClaims.PrincipalOf(new Actor($"token:{name}", name, ActorKind.Token), "test", grants), null);
        return user;
    }

    public static ReleaseSubmission Submission(string @namespace, string content, string name = "hello") => new()
    {
        Namespace = @namespace,
        Objects = [new ReleaseObject(Prompt.Definition.Kind, name, content)],
        Message = "Better words",
    };

    public Task<ReleaseResult> SubmitAsync(string @namespace, string content, CurrentUser user) => Desk.SubmitAsync(Submission(@namespace, content), user, default);

    public async Task<string?> LiveAsync(string @namespace, string name = "hello") =>
        await _fixture.Client.Resource<Prompt>().FindAsync(@namespace, name, default) is { } live ? live.Spec.Content : null;

    public void Dispose()
    {
        _witness.Dispose();
        Publisher.Dispose();
        Handler.Dispose();
        _test.Dispose();
    }

    private void Die()
    {
        if (DiesAt is { } status && Database.Read(context => context.Releases.Any(release => release.Status == status)))
        {
            throw new DeathException();
        }
    }

    private static CurrentUser Somebody(Actor actor, PortalRole role, params string[] groups)
    {
        var user = new CurrentUser(new AccessPolicy([new RoleBinding(null, actor.Id, role, ["*"])]));
        user.Become(PortalClaims.PrincipalOf(actor, "Test", groups.Select(group => new Claim(PortalClaims.Group, group))), "127.0.0.1");
        return user;
    }
}
