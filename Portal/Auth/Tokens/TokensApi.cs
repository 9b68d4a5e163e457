namespace Portal.Auth.Tokens;

/// <summary>The REST API of service tokens.</summary>
internal static class TokensApi
{
    public static void MapTokens(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/tokens").WithTags("Tokens");
        api.MapGet("", ListAsync).Requires(Permission.ManageTokens, somewhere: true).WithName("ListTokens").WithSummary("Service tokens, without their secrets")
            .Produces<TokenList>();
        api.MapPost("", CreateAsync).Requires(Permission.ManageTokens, somewhere: true).WithName("CreateToken").WithSummary("Make a service token; its secret is in this answer only")
            .Produces<NewServiceToken>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        api.MapDelete("/{id}", RevokeAsync).Requires(Permission.ManageTokens, somewhere: true).WithName("RevokeToken").WithSummary("End a service token now")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(ServiceTokens tokens, CurrentUser user, CancellationToken cancellationToken) =>
        Results.Ok(new TokenList(await tokens.ListAsync(user, cancellationToken)));

    private static async Task<IResult> CreateAsync(TokenRequest request, ServiceTokens tokens, CurrentUser user, HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            var made = await tokens.CreateAsync(user, request, cancellationToken);
            context.Response.Headers.CacheControl = "no-store";
            return Results.Created($"/api/v1/tokens/{made.Token.Id}", made);
        }
        catch (ArgumentException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<IResult> RevokeAsync(string id, ServiceTokens tokens, CurrentUser user, CancellationToken cancellationToken) =>
        await tokens.RevokeAsync(user, id, cancellationToken)
            ? Results.NoContent()
            : Results.Problem("There is no token of this id.", statusCode: StatusCodes.Status404NotFound);
}

public sealed record TokenList(IReadOnlyList<ServiceToken> Items);
