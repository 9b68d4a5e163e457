using System.Globalization;
using Microsoft.AspNetCore.Http;
using Portal.ApiServer.Auth;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

/// <summary>One HTTP request about a resource.</summary>
internal sealed class ApiCall(HttpContext http, Target target, Caller caller)
{
    private const int MaxManagerLength = 128;

    public HttpContext Http { get; } = http;
    public Target Target { get; } = target;
    public Caller Caller { get; } = caller;
    public UserInfo User => Caller.User;
    public CancellationToken Aborted => Http.RequestAborted;

    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) ? values[0] : null;

    /// <summary>Whether a query parameter says yes, in any of the words Go accepts.</summary>
    public static bool IsTrue(string? value) => value is "1" or "t" or "T" or "true" or "True" or "TRUE";

    public bool Flag(string name) => Query(name) switch
    {
        var value when IsTrue(value) => true,
        null or "" or "0" or "f" or "F" or "false" or "False" or "FALSE" => false,
        var other => throw ApiException.BadRequest($"strconv.ParseBool: parsing \"{other}\": invalid syntax"),
    };

    public long? Number(string name) => Query(name) switch
    {
        null or "" => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw ApiException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax"),
    };

    public ResponseShape Shape(bool watch = false) => MediaType.ForResponse(Http.Request.Headers.Accept, watch);

    /// <summary>Whether the request is a trial that must store nothing.</summary>
    public bool DryRun => IsDryRun(Http.Request.Query["dryRun"].Select(value => value ?? ""));

    public static bool IsDryRun(IEnumerable<string> values)
    {
        var asked = false;
        foreach (var value in values.Where(value => value.Length > 0))
        {
            asked |= value == "All"
                ? true
                : throw ApiException.Invalid("meta.k8s.io", "CreateOptions", "", [FieldError.NotSupported("dryRun", value, ["\"All\""])]);
        }

        return asked;
    }

    public WriteContext ToWrite(Target? other = null)
    {
        var mode = Query("fieldValidation");
        if (!FieldValidation.TryParse(mode, out var fieldValidation))
        {
            throw ApiException.Invalid("meta.k8s.io", "CreateOptions", "", [FieldValidation.UnknownMode(mode!)]);
        }

        return new WriteContext
        {
            Target = other ?? Target,
            Manager = Manager(),
            User = User,
            DryRun = DryRun,
            FieldValidation = fieldValidation,
        };
    }

    /// <summary>The field manager named in the query, else the program name at the start of the user agent.</summary>
    private string Manager()
    {
        var named = Query("fieldManager");
        if (!string.IsNullOrEmpty(named))
        {
            if (named.Length > MaxManagerLength)
            {
                throw ApiException.Invalid("meta.k8s.io", "CreateOptions", "", [FieldError.TooLong("fieldManager", MaxManagerLength)]);
            }

            if (named.Any(char.IsControl))
            {
                throw ApiException.Invalid(
                    "meta.k8s.io", "CreateOptions", "", [FieldError.Invalid("fieldManager", named, "should only contain printable characters")]);
            }

            return named;
        }

        var agent = Http.Request.Headers.UserAgent.ToString().Split('/', 2)[0].Trim();
        return agent.Length switch { 0 => "unknown", > MaxManagerLength => agent[..MaxManagerLength], _ => agent };
    }
}
