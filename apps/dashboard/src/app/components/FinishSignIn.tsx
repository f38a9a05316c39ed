import { useEffect } from 'react';
import { useNavigate } from 'react-router';

/** After a sign-in, leads on to the page it was started from. */
export function FinishSignIn({ arrived }: { readonly arrived: Promise<string | undefined> }) {
  const navigate = useNavigate();
  useEffect(() => {
    void arrived.then((path) => {
      if (path !== undefined) void navigate(path, { replace: true });
    });
    // Once: a later navigation is the person's own.
  }, []);
  return null;
}
