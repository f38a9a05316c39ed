import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { DeviceCodePage, DeviceConfirmPage, DeviceConnectedPage } from './device.page.tsx';
import { renderPage } from './layout.page.tsx';

/** The pages of the device flow. oidc-provider makes forms for them as well; ours have labels and no script. */
export const devicePages = {
  userCodeInputSource(ctx: KoaContextWithOIDC, _form: string, _out?: ErrorOut, error?: Error): void {
    show(
      ctx,
      <DeviceCodePage {...formOf(ctx)} userCode={userCodeOf(error)} failure={error && failureOf(error)} />,
    );
  },

  userCodeConfirmSource(
    ctx: KoaContextWithOIDC,
    _form: string,
    client: { readonly clientName?: string | undefined; readonly clientId: string },
    _deviceInfo: unknown,
    userCode: string,
  ): void {
    const clientName = client.clientName ?? client.clientId;
    show(ctx, <DeviceConfirmPage {...formOf(ctx)} userCode={userCode} clientName={clientName} />);
  },

  successSource(ctx: KoaContextWithOIDC): void {
    const { client } = ctx.oidc;
    show(ctx, <DeviceConnectedPage clientName={client?.clientName ?? client?.clientId ?? 'The device'} />);
  },
};

function show(ctx: KoaContextWithOIDC, page: Parameters<typeof renderPage>[0]): void {
  ctx.type = 'html';
  ctx.body = renderPage(page);
}

function formOf({ oidc }: KoaContextWithOIDC) {
  const secret = oidc.session?.state?.['secret'];
  return { action: oidc.urlFor('code_verification'), xsrf: typeof secret === 'string' ? secret : '' };
}

function userCodeOf(error: Error | undefined): string {
  return error && 'userCode' in error && typeof error.userCode === 'string' ? error.userCode : '';
}

function failureOf(error: Error): string {
  switch (error.name) {
    case 'NoCodeError':
      return 'Type the code that your device shows.';
    case 'NotFoundError':
      return 'No device shows this code. Look again, and mind letters that look alike.';
    case 'ExpiredError':
      return 'This code has expired. Start again on your device.';
    case 'AlreadyUsedError':
      return 'This code was used already. Start again on your device.';
    case 'AbortedError':
      return 'The device was not connected. You can close this page.';
    default:
      return 'The device could not be connected. Start again on your device.';
  }
}
