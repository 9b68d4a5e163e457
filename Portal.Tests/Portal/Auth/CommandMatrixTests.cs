using System.Collections;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Auth.Tokens;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Budgets;
using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Queries;
using Portal.Features.Costs.Reconcile;
using Portal.Features.Digests;
using Portal.Features.Exchange;
using Portal.Features.Exchange.Export;
using Portal.Features.Exchange.Reading;
using Portal.Features.Import;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;
using Portal.Features.Runs;
using Portal.Operator.Flows;

namespace Portal.Tests.Portal.Auth;

/// <summary>
/// Whatever takes a <see cref="CurrentUser"/> is called for somebody who may do nothing, and must refuse or give nothing. The list is the code's own: a
/// new command is in it, and one that forgets to ask fails here.
/// </summary>
[Collection(PortalCollection.Name)]
public sealed class CommandMatrixTests(PortalFixture fixture)
{
    private static readonly CostQuery s_costs = new()
    {
        Window = CostWindow.Of(CostRange.Day, DateTime.UnixEpoch, TimeZoneInfo.Utc),
        GroupBy = CostDimension.Flow,
        Bucket = CostBucket.Hour,
        Zone = TimeZoneInfo.Utc,
    };

    private static readonly Dictionary<Type, object> s_samples = new()
    {
        [typeof(string)] = "demo",
        [typeof(IReadOnlyList<string>)] = new[] { "demo" },
        [typeof(long)] = 1L,
        [typeof(int)] = 10,
        [typeof(bool)] = false,
        [typeof(CancellationToken)] = CancellationToken.None,
        [typeof(JsonObject)] = new JsonObject(),
        [typeof(AuditFilter)] = new AuditFilter(),
        [typeof(TokenRequest)] = new TokenRequest("x", [Permission.ReadNamespace], ["demo"], 1),
        [typeof(RunRequest)] = new RunRequest { Namespace = "demo", Prompt = "x", Content = "x" },
        [typeof(Flow)] = new Flow(new JsonObject { ["metadata"] = new JsonObject { ["name"] = "support-reply", ["namespace"] = "demo" }, ["spec"] = new JsonObject() }),
        [typeof(ReleaseSubmission)] = new ReleaseSubmission { Namespace = "demo", Objects = [new ReleaseObject("Prompt", "x", "x")], Message = "x" },
        [typeof(ReleaseObject)] = new ReleaseObject("Prompt", "x", "x"),
        [typeof(ReleaseCommand)] = new ReleaseCommand.Withdraw(null),
        [typeof(ImportOptions)] = new ImportOptions("demo", DryRun: false, Force: false),
        [typeof(PriceForm)] = new PriceForm { Provider = "x", Model = "x", ValidFrom = DateTimeOffset.UnixEpoch.AddYears(50), PerMillion = new RatesForm { Input = 1, Output = 1 } },
        [typeof(PriceDiscountForm)] = new PriceDiscountForm { Provider = "x", ValidFrom = DateTimeOffset.UnixEpoch.AddYears(50) },
        [typeof(IReadOnlyList<Price>)] = Array.Empty<Price>(),
        [typeof(BudgetBody)] = new BudgetBody { Name = "x", Namespace = "demo", Amount = 1, Version = 1 },
        [typeof(ReleaseView)] = ReleaseView.All,
        [typeof(ReleaseEnvironment)] = new ReleaseEnvironment { Name = "x", Namespaces = ["demo"], Policy = new ReleasePolicy() },
        [typeof(Drift)] = new Drift("Prompt", "demo", "support-reply", "x", null, "x", "", null),
        [typeof(Branch)] = new Branch { Namespace = "demo", Name = "x", Origin = "support-reply", BaseContent = "x", AuthorId = "x", AuthorName = "x", CreatedAt = DateTime.UnixEpoch },
        [typeof(CostQuery)] = s_costs,
        [typeof(Invoice)] = new Invoice("x", null, [new InvoiceLine(default, "x", 1, null)], []),
        [typeof(TimeZoneInfo)] = TimeZoneInfo.Utc,
        [typeof(CostFilters)] = CostFilters.Empty,
        [typeof(CallChoice)] = CallChoice.All,
        [typeof(CostReport)] = new CostReport { Query = s_costs, Currency = "USD", Rows = [], Total = CostFigures.Nothing, TotalBefore = CostFigures.Nothing, Spans = [] },
        [typeof(IReadOnlyList<JsonObject>)] = new[] { new JsonObject() },
        [typeof(IReadOnlyCollection<string>)] = new[] { "demo" },
        [typeof(RunFilter)] = new RunFilter(),
        [typeof(RunPolicy)] = new RunPolicy(),
        [typeof(DigestBody)] = new DigestBody(),
        [typeof(DigestWeek)] = DigestWeek.At(TimeZoneInfo.Utc, DateTimeOffset.UnixEpoch.AddYears(50)),
        [typeof(IReadOnlyList<SourceFile>)] = new[] { new SourceFile("x.prompt", "x"u8.ToArray()) },
        [typeof(PromptFormat)] = PromptFormat.Dotprompt,
        [typeof(ConflictRule)] = ConflictRule.Replace,
        [typeof(ImportChoice)] = ImportChoice.Replace,
        [typeof(ExportRequest)] = new ExportRequest(ExportFormat.Zip, [], false, true),
    };

    public static TheoryData<string, string> Commands()
    {
        var data = new TheoryData<string, string>();
        foreach (var method in Methods())
        {
            data.Add(method.DeclaringType!.FullName!, method.Name);
        }

        return data;
    }

    [Fact]
    public void Commands_Always_AreFound() => Assert.Superset(
        new HashSet<string> { "FlowCommands.CreateAsync", "RunStore.Start", "ReleaseDesk.SubmitAsync", "DraftStore.SaveAsync", "PromptCommands.DeleteAsync", "ServiceTokens.CreateAsync" },
        Methods().Select(method => $"{method.DeclaringType!.Name}.{method.Name}").ToHashSet());

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Command_ForSomebodyWithoutARole_RefusesOrGivesNothing(string type, string name)
    {
        foreach (var method in Methods().Where(method => method.DeclaringType!.FullName == type && method.Name == name))
        {
            await using var scope = fixture.Portal.Services.CreateAsyncScope();
            var command = scope.ServiceProvider.GetRequiredService(method.DeclaringType!);
            var nobody = new CurrentUser(new AccessPolicy([]));
            nobody.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:nil", "Nil", ActorKind.User), "test"), null);
            var arguments = method.GetParameters().Select(parameter => parameter.ParameterType == typeof(CurrentUser) ? nobody : SampleOf(parameter)).ToArray();

            Assert.True(await IsRefusedAsync(method, command, arguments), $"{type}.{name} did something for somebody who may do nothing.");
        }
    }

    // A static one only looks at the user; what it is for is reached through one that is not.
    private static IEnumerable<MethodInfo> Methods() => typeof(PortalApplication).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && !type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute)) && type.Name[0] != '<')
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CurrentUser)))
        // Rules are asked by what they guard, and a client in somebody's name does nothing by itself.
        .Where(method => !typeof(Attribute).IsAssignableFrom(method.DeclaringType) && method.DeclaringType != typeof(PersonalCluster) && !method.IsSpecialName && !IsRecord(method.DeclaringType!));

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static object? SampleOf(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type == typeof(DateTime) || type == typeof(DateTimeOffset) ? null
            : s_samples.TryGetValue(type, out var sample) ? sample
            : throw new InvalidOperationException($"There is no sample of {type} for the parameter {parameter.Name}: add one here.");
    }

    private static async Task<bool> IsRefusedAsync(MethodInfo method, object command, object?[] arguments)
    {
        try
        {
            return IsNothing(await ResultOfAsync(method.Invoke(command, arguments)));
        }
        catch (Exception exception)
        {
            return (exception as TargetInvocationException)?.InnerException is AccessDeniedException || exception is AccessDeniedException;
        }
    }

    private static async Task<object?> ResultOfAsync(object? result)
    {
        if (result is Task task)
        {
            await task;
            return task.GetType().IsGenericType ? task.GetType().GetProperty("Result")!.GetValue(task) : "done";
        }

        if (result?.GetType().GetInterfaces().FirstOrDefault(item => item.IsGenericType && item.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)) is { } stream)
        {
            var items = new List<object?>();
            var count = typeof(CommandMatrixTests).GetMethod(nameof(CollectAsync), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(stream.GetGenericArguments());
            await (Task)count.Invoke(null, [result, items])!;
            return items;
        }

        return result;
    }

    private static async Task CollectAsync<T>(IAsyncEnumerable<T> source, List<object?> items)
    {
        await foreach (var item in source)
        {
            items.Add(item);
        }
    }

    private static bool IsNothing(object? result) => result switch
    {
        null or false or 0 => true,
        ChangeResult change => change is { IsMade: false, Request: null },
        ReleaseResult release => release.Refusal is not null,
        AuditChoices choices => choices.Actions.Count == 0 && choices.Namespaces.Count == 0,
        ImportReport report => report.Objects.All(item => item.Result == ImportResult.Refused),
        IEnumerable list => !list.GetEnumerator().MoveNext(),
        _ => false,
    };
}
