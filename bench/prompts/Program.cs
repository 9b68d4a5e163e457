using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;
using Portal.Kubernetes.Objects;
using Portal.Operator.Prompts;

// Fills a portal for the measurements of load.mjs.
//   objects KUBECONFIG PROMPTS          creates prompts in a namespace of their own, through the API server
//   revisions PORTAL.DB PROMPTS COUNT   gives each of them a history, while no portal runs on the database
const string Namespace = "bench";
return args switch
{
    ["objects", var kubeconfig, var prompts] => await CreateAsync(kubeconfig, Number(prompts)),
    ["revisions", var path, var prompts, var count] => await WriteHistoryAsync(path, Number(prompts), Number(count)),
    _ => 2,
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"prompt-{index:d5}");

static string ContentOf(int index, int version) => $$$"""
    ---
    model: demo/echo-stream
    description: Answers customers of department {{{index % 97}}} about topic {{{index}}}
    input:
      schema:
        customer_name: string
        question: string
    ---
    {{role "system"}}
    You work in department {{{index % 97}}}. Edition {{{version}}}. {{{string.Concat(Enumerable.Repeat("Stay with the facts and say what you do not know. ", 8))}}}
    {{role "user"}}
    I am {{customer_name}}. {{question}}
    """;

static async Task<int> CreateAsync(string kubeconfig, int prompts)
{
    var client = new KubeClient(KubeConnectionFactory.FromKubeConfig(kubeconfig, context: null, TimeProvider.System));
    await client.Resource(BuiltIn.Namespace).CreateAsync(
        new KubeObject(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Namespace } }), null, CancellationToken.None);
    await Parallel.ForEachAsync(Enumerable.Range(0, prompts), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, cancellationToken) =>
        await client.Resource(Prompt.Definition).CreateAsync(new KubeObject(new JsonObject
        {
            ["apiVersion"] = Prompt.Definition.ApiVersion,
            ["kind"] = Prompt.Definition.Kind,
            ["metadata"] = new JsonObject { ["name"] = NameOf(index), ["namespace"] = Namespace },
            ["spec"] = new JsonObject { ["content"] = ContentOf(index, 0) },
        }), null, cancellationToken));
    return 0;
}

static async Task<int> WriteHistoryAsync(string path, int prompts, int count)
{
    using var database = new PortalDatabase(path);
    const int AtOnce = 100;
    for (var first = 0; first < prompts; first += AtOnce)
    {
        await database.WriteAsync(
            async context =>
            {
                context.ChangeTracker.AutoDetectChangesEnabled = false;
                for (var index = first; index < Math.Min(first + AtOnce, prompts); index++)
                {
                    var name = NameOf(index);
                    var newest = await context.Revisions.Where(revision => revision.Kind == "Prompt" && revision.Namespace == Namespace && revision.Name == name)
                        .MaxAsync(revision => (int?)revision.Number) ?? 0;
                    context.Revisions.AddRange(Enumerable.Range(newest + 1, count - newest).Select(number => RevisionOf(name, number, ContentOf(index, number))));
                }
            },
            CancellationToken.None);
    }

    return 0;
}

static Revision RevisionOf(string name, int number, string content) => new()
{
    Kind = "Prompt",
    Namespace = Namespace,
    Name = name,
    Number = number,
    Content = content,
    Hash = Prompt.HashOf(content),
    AuthorId = $"local:author-{number % 7}",
    AuthorName = $"Author {number % 7}",
    Message = $"Edition {number}",
    Source = Revision.PortalSource,
    CreatedAt = DateTime.UnixEpoch.AddYears(56).AddHours(number),
};
