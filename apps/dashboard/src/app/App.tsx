import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import { HowPage } from '../features/explanation/components/HowPage.tsx';
import { AddDishPage } from '../features/menu/components/AddDishPage.tsx';
import { DeleteDishPage } from '../features/menu/components/DeleteDishPage.tsx';
import { DishPage } from '../features/menu/components/DishPage.tsx';
import { EditDishPage } from '../features/menu/components/EditDishPage.tsx';
import { MenuPage } from '../features/menu/components/MenuPage.tsx';
import { ProfilePage } from '../features/profile/components/ProfilePage.tsx';
import { AuthenticationContext } from '../shared/authentication/authentication-context.ts';
import type { AuthenticationService } from '../shared/authentication/authentication-service.ts';
import { NotFound } from '../shared/components/NotFound.tsx';
import { FinishSignIn } from './components/FinishSignIn.tsx';
import { HomePage } from './components/HomePage.tsx';
import { Shell } from './components/Shell.tsx';

export function App({
  authentication,
  arrived,
}: {
  readonly authentication: AuthenticationService;
  readonly arrived: Promise<string | undefined>;
}) {
  return (
    <AuthenticationContext value={authentication}>
      <BrowserRouter>
        <FinishSignIn arrived={arrived} />
        <Routes>
          <Route element={<Shell />}>
            <Route index element={<Navigate to="/home" replace />} />
            <Route path="home" element={<HomePage />} />
            <Route path="menu" element={<MenuPage />} />
            <Route path="menu/add" element={<AddDishPage />} />
            <Route path="menu/add-item" element={<AddDishPage />} />
            <Route path="menu/:id" element={<DishPage />} />
            <Route path="menu/:id/edit" element={<EditDishPage />} />
            <Route path="menu/:id/edit-item" element={<EditDishPage />} />
            <Route path="menu/:id/delete" element={<DeleteDishPage />} />
            <Route path="menu/:id/delete-item" element={<DeleteDishPage />} />
            <Route path="profile" element={<ProfilePage />} />
            <Route path="how" element={<HowPage />} />
            <Route path="*" element={<NotFound />} />
          </Route>
        </Routes>
      </BrowserRouter>
    </AuthenticationContext>
  );
}
