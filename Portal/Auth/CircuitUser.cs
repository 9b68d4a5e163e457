using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Portal.Auth.Sessions;

namespace Portal.Auth;

/// <summary>
/// Gives a circuit the user of the connection that opened it, before any component is made, follows what the provider says of them, and takes it away when their
/// session ends. Whatever somebody does on the page keeps the session from being idle; what the page does by itself does not.
/// </summary>
internal sealed class CircuitUser(CurrentUser user, AuthenticationStateProvider authentication, IHttpContextAccessor http, SessionStore sessions) : CircuitHandler, IDisposable
{
    private string? _session;

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        var state = await authentication.GetAuthenticationStateAsync();
        _session = state.User.FindFirst(PortalClaims.Session)?.Value;
        user.Become(state.User, http.HttpContext?.Connection.RemoteIpAddress?.ToString());
        if (_session is not null)
        {
            sessions.Ended += OnEnded;
            sessions.Renewed += OnRenewed;

            // It may have ended or been renewed while the circuit was being opened.
            if (sessions.FindLive(_session) is { } live)
            {
                OnRenewed(live);
            }
            else
            {
                OnEnded(_session);
            }
        }
    }

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => async context =>
    {
        if (_session is not null)
        {
            await sessions.TouchAsync(_session, CancellationToken.None);
        }

        await next(context);
    };

    public void Dispose()
    {
        sessions.Ended -= OnEnded;
        sessions.Renewed -= OnRenewed;
    }

    private void OnRenewed(Session session)
    {
        if (session.Id == _session)
        {
            user.Become(session.Principal, user.Address);
        }
    }

    private void OnEnded(string id)
    {
        if (id == _session)
        {
            user.Become(PortalClaims.Anonymous, user.Address);
        }
    }
}
