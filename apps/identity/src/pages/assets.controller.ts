import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '@portcullis/nest';
import { PAGES_CSS } from './pages.css.ts';

@Controller('assets')
@Public()
export class AssetsController {
  @Get('pages.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', 'public, max-age=300')
  pages(): string {
    return PAGES_CSS;
  }
}
