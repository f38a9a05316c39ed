import {
  BadRequestException,
  Controller,
  ForbiddenException,
  Get,
  GoneException,
  Header,
  Headers,
  Inject,
  Query,
  Sse,
  type MessageEvent,
} from '@nestjs/common';
import { CurrentCaller, RequirePermissions, type Caller } from '@portcullis/nest';
import type { Observable } from 'rxjs';
import { ChangePages, type ChangePage } from './change-pages.ts';
import { ChangeStreams } from './change-stream.ts';
import { EffectivePermissionReader, type EffectivePermissions } from './effective-permissions.ts';
import { ListeningApis } from './listening-api.ts';
import { readPosition } from './position-text.ts';

/** What an API follows and asks, each about itself alone. */
@Controller('api/v2')
export class ChangesController {
  private readonly pages: ChangePages;
  private readonly streams: ChangeStreams;
  private readonly apis: ListeningApis;
  private readonly effective: EffectivePermissionReader;

  constructor(
    @Inject(ChangePages) pages: ChangePages,
    @Inject(ChangeStreams) streams: ChangeStreams,
    @Inject(ListeningApis) apis: ListeningApis,
    @Inject(EffectivePermissionReader) effective: EffectivePermissionReader,
  ) {
    this.pages = pages;
    this.streams = streams;
    this.apis = apis;
    this.effective = effective;
  }

  /** 410 when the log does not reach back there, or is another one: without `after` all is told anew. */
  @Get('changes')
  @Header('cache-control', 'no-store')
  @RequirePermissions('read:changes')
  async changes(
    @CurrentCaller() caller: Caller,
    @Query('incarnation') incarnation: unknown,
    @Query('after') after: unknown,
  ): Promise<ChangePage> {
    const { id } = await this.apis.of(caller);
    if (incarnation === undefined && after === undefined) return this.pages.snapshot(id);
    const from = typeof after === 'string' ? readPosition(`${String(incarnation)}:${after}`) : undefined;
    if (typeof incarnation !== 'string' || from === undefined)
      throw new BadRequestException(
        '"incarnation" and "after" are those of the last answer, or both left out',
      );
    const page = await this.pages.after(id, from);
    if (page) return page;
    throw new GoneException(
      'the log of changes does not reach back there: ask without "after" for all of it',
    );
  }

  @Sse('changes/stream')
  @RequirePermissions('read:changes')
  async stream(
    @CurrentCaller() caller: Caller,
    @Headers('last-event-id') last: string | undefined,
  ): Promise<Observable<MessageEvent>> {
    const { id } = await this.apis.of(caller);
    return this.streams.open(caller, id, readPosition(last));
  }

  @Get('effective-permissions')
  @Header('cache-control', 'no-store')
  @RequirePermissions('read:user_effective_permissions')
  async permissions(
    @CurrentCaller() caller: Caller,
    @Query('subject') subject: unknown,
    @Query('client_id') clientId: unknown,
    @Query('audience') audience: unknown,
  ): Promise<EffectivePermissions> {
    if (!isText(subject) || typeof clientId !== 'string' || !isText(audience))
      throw new BadRequestException('"subject", "client_id" and "audience" must be given, each once');
    const api = await this.apis.of(caller);
    if (audience !== api.identifier)
      throw new ForbiddenException('this client is another API than "audience" says');
    const readable = [subject, clientId].every((text) => !text.includes('\0'));
    return this.effective.of(readable ? { subject, clientId } : NOBODY, api.id);
  }
}

/** Postgres has no place for the character NUL in text, so nobody is called that. */
const NOBODY = { subject: '', clientId: '' };

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
