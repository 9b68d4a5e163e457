using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Kubernetes.Client;
using Portal.Operator.Prompts;

namespace Portal.Tests.Portal.Ownership;

[Collection(PortalCollection.Name)]
public sealed class ClusterWatchTests(PortalFixture fixture)
{
    [Fact]
    public async Task Portal_PromptWrittenByAnotherManager_IsInTheAuditLog()
    {
        var prompts = fixture.Portal.Client.Resource<Prompt>();
        var log = fixture.Portal.Services.GetRequiredService<AuditLog>();
        var name = $"watched-{Guid.NewGuid():N}"[..20];
        Prompt With(string content) => new(JsonNode.Parse($$"""
            {"apiVersion": "genkit.dev/v1alpha1", "kind": "Prompt", "metadata": {"name": "{{name}}", "namespace": "default" }, "spec": { "content": "{{content}}" } }
            """)!.AsObject());
        await prompts.ApplyAsync(With("one"), new WriteOptions { Manager = FieldManager.Portal }, default);
        await prompts.ApplyAsync(With("two"), new WriteOptions { Manager = new FieldManager("kubectl-edit"), Force = true }, default);
        await prompts.DeleteAsync("default", name, null, default);

        await WaitForAsync(log, name, 3);

        var rows = await RowsAsync(name);
        Assert.Equal(["object.created genkit-portal", "object.changed kubectl-edit", "object.deleted Unknown"], rows.Select(row => $"{row.Action} {row.ActorName}"));
        Assert.Contains(new FieldChange("spec.content", "one", "two"), FieldDifference.Read(rows[1].Changes));
    }

    private async Task WaitForAsync(AuditLog log, string name, int count)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async void Look()
        {
            if ((await RowsAsync(name)).Count >= count)
            {
                done.TrySetResult();
            }
        }

        log.Changed += Look;
        try
        {
            Look();
            await done.Task.WaitAsync(RunningPortal.Patience);
        }
        finally
        {
            log.Changed -= Look;
        }
    }

    private Task<List<AuditRow>> RowsAsync(string name) => fixture.Portal.Services.GetRequiredService<PortalDatabase>()
        .ReadAsync(context => context.Audit.Where(row => row.Name == name).OrderBy(row => row.Sequence).ToListAsync());
}
